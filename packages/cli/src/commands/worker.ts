import { once } from 'node:events'
import { collectRegularly } from '@nobg/core/internal'
import type { WorkerConfig } from '@nobg/server'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { collect, parseAs, wholeNumber } from '../flag-values.ts'
import { loadServer } from '../load-server.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, modelSettings, SERVER_CONCURRENCY, type Settings, toConfig } from '../settings.ts'

interface Flags extends Settings, Pick<WorkerConfig, 'redis' | 'preload' | 'maxPerMinute' | 'maxImageBytes'> {
  storage?: string
  allowHost?: string[]
  maxRunTime?: number
  maxCloseTime?: number
}

/** `nobg worker`: runs the requests that servers put into Redis. */
export function addWorkerCommand(program: Command, { signal }: Context): void {
  const count = parseAs(wholeNumber(1))
  const worker = program
    .command('worker')
    .description('Run the requests of servers that share a Redis server (nobg serve --redis).')
    .requiredOption('--redis <url>', 'redis://host:6379, the same as for the servers.')
    .option('--storage <url>', 'Storage of files, the same as for the servers. Default: Redis.')
    .option('--preload <model>', 'Download the weights of this model at the start; can be repeated.', collect)
    .option(
      '--allow-host <host>',
      'A private host from which images may be fetched; can be repeated.',
      collect,
    )
    .addOption(
      new Option(
        '--max-per-minute <n>',
        'Maximum number of requests that all workers together start in a minute.',
      ).argParser(count),
    )
    .addOption(
      new Option('--max-image-bytes <n>', 'Largest image, in bytes (default: 50 MiB).').argParser(count),
    )
  worker.addOption(
    new Option('--max-run-time <seconds>', 'Longest run of a request, in seconds (default: 300).').argParser(
      count,
    ),
  )
  worker.addOption(
    new Option(
      '--max-close-time <seconds>',
      'Longest wait for running requests when the worker stops, in seconds (default: 25). If a request does not end in this time, another worker runs it.',
    ).argParser(count),
  )
  addSettingFlags(worker, ['concurrency', 'allowSvg', ...modelSettings], { concurrency: SERVER_CONCURRENCY })
  worker.action(async (flags: Flags) => {
    collectRegularly()
    const { createWorker } = await loadServer()
    const { redis, storage, preload, maxPerMinute, maxImageBytes, concurrency, allowHost: allowHosts } = flags
    const engine = toConfig(flags, writeLine)
    const limits = {
      maxPerMinute,
      maxImageBytes,
      maxRunSeconds: flags.maxRunTime,
      maxCloseSeconds: flags.maxCloseTime,
    }
    const own = { redis, storage, preload, concurrency, allowHosts, engine, signal, ...limits }
    await using _ = await createWorker(own)
    writeLine('nobg worker is waiting for requests.')
    if (!signal.aborted) await once(signal, 'abort')
    writeLine('Stopping after the running requests; press Ctrl-C again to stop now.')
  })
}
