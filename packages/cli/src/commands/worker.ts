import { once } from 'node:events'
import type { WorkerConfig } from '@nobg/server'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { collect, parseNumber } from '../flag-values.ts'
import { loadServer } from '../load-server.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, modelSettings, type Settings, toConfig } from '../settings.ts'

interface Flags extends Settings, Pick<WorkerConfig, 'redis' | 'preload' | 'maxPerMinute' | 'maxImageBytes'> {
  storage?: string
  allowHost?: string[]
}

/** `nobg worker`: runs what servers have put into Redis. */
export function addWorkerCommand(program: Command, { signal }: Context): void {
  const count = parseNumber(1)
  const worker = program
    .command('worker')
    .description('Run the requests of servers that share a Redis: nobg serve --redis.')
    .requiredOption('--redis <url>', 'redis://host:6379, the same as that of the servers.')
    .option('--storage <url>', 'Where files lie, the same as the servers say. Default: in Redis.')
    .option('--preload <model>', 'Fetch the weights of this model at once; again for more.', collect)
    .option('--allow-host <host>', 'A private host that images may be on; again for more.', collect)
    .addOption(
      new Option('--max-per-minute <n>', 'Requests that all workers begin in a minute.').argParser(count),
    )
    .addOption(
      new Option('--max-image-bytes <n>', 'Largest image, in bytes (default: 50 MiB).').argParser(count),
    )
  addSettingFlags(worker, ['concurrency', ...modelSettings])
  worker.action(async (flags: Flags) => {
    const { createWorker } = await loadServer()
    const { redis, storage, preload, maxPerMinute, maxImageBytes, concurrency, allowHost: allowHosts } = flags
    const engine = toConfig(flags, writeLine)
    const own = { redis, storage, preload, maxPerMinute, maxImageBytes, concurrency, allowHosts, engine }
    await using _ = await createWorker(own)
    writeLine('nobg waits for requests.')
    if (!signal.aborted) await once(signal, 'abort')
    writeLine('Going down once the requests that run have ended; Ctrl-C again does so at once.')
  })
}
