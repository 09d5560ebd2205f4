import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { collectRegularly } from '@nobg/core/internal'
import type { NobgServer, ServerConfig } from '@nobg/server'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { collect, parseAs, wholeNumber } from '../flag-values.ts'
import { loadServer } from '../load-server.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, modelSettings, SERVER_CONCURRENCY, type Settings, toConfig } from '../settings.ts'

interface Flags extends Settings {
  port: number
  host: string
  key?: string[]
  preload?: string[]
  publicUrl?: string
  dataDir?: string
  redis?: string
  storage?: string
  allowHost?: string[]
  allowOrigin?: string[]
  maxRunTime?: number
  maxCloseTime?: number
  maxWaiting?: number
  maxWaitingBytes?: number
  maxImageBytes?: number
  maxBodyBytes?: number
  maxBufferedBytes?: number
  maxUploadBytes?: number
  maxStoredBytes?: number
  resultLife?: number
  fileLife?: number
}

/** `nobg serve`: an HTTP server for fal's client. */
export function addServeCommand(program: Command, { signal }: Context): void {
  const serve = program
    .command('serve')
    .description("Run a server for fal's client: fal-ai/birefnet on this machine.")
    .addOption(
      new Option('--port <n>', 'Port to listen on; 0 for any free port.')
        .default(3000)
        .argParser(parseAs(wholeNumber(0, 65_535))),
    )
    .option(
      '--host <address>',
      'Host name or IP address to listen on; 0.0.0.0 for all network interfaces.',
      '127.0.0.1',
    )
    .option(
      '--key <key>',
      'An API key that clients may use; can be repeated. NOBG_SERVER_KEYS=one,two adds keys.',
      collect,
    )
    .option('--preload <model>', 'Download the weights of this model at the start; can be repeated.', collect)
    .option(
      '--public-url <url>',
      'URL at which clients reach this server. Default: the URL on which the server listens.',
    )
    .option(
      '--data-dir <folder>',
      "Folder for requests and files. Default: server in nobg's data folder (~/.local/share/nobg/server).",
    )
    .option(
      '--redis <url>',
      'redis://host:6379: share the queue with other servers. nobg worker runs the requests.',
    )
    .option(
      '--storage <url>',
      'Storage of files: redis://… or s3://bucket?endpoint=…. Default: the Redis server of --redis, else the folder of --data-dir.',
    )
    .option(
      '--allow-host <host>',
      'A private host from which images may be fetched and to which webhooks may be posted; can be repeated.',
      collect,
    )
    .option(
      '--allow-origin <origin>',
      'An origin whose web pages may send requests to the server; can be repeated.',
      collect,
    )
  addLimitFlags(serve)
  addSettingFlags(serve, ['concurrency', 'allowSvg', ...modelSettings], { concurrency: SERVER_CONCURRENCY })
  serve.action(async (flags: Flags) => {
    // Otherwise V8 collects garbage at every second picture, because it counts buffers that are already freed. This saves 6 %
    // of processor time with u2netp and costs 70 MB of memory, until the server is idle.
    setFlagsFromString('--heap-growing-percent=400')
    collectRegularly()
    const { createServer } = await loadServer()
    const config = toServerConfig(flags)
    await using server = await createServer(config)
    await startListening(server, flags, config)
    if (!signal.aborted) await once(signal, 'abort')
    writeLine('Stopping after the running requests; press Ctrl-C again to stop now.')
  })
}

function addLimitFlags(command: Command): void {
  const limits = {
    '--max-run-time <seconds>': 'Longest run of a request, in seconds (default: 300).',
    '--max-close-time <seconds>':
      'Longest wait for running requests when the server stops, in seconds (default: 25). If a request does not end in this time, it runs again after the next start.',
    '--max-waiting <n>': 'Maximum number of waiting requests (default: 1000).',
    '--max-waiting-bytes <n>': 'Space for the data URIs of waiting requests, in bytes (default: 2 GiB).',
    '--max-image-bytes <n>': 'Largest image, in bytes (default: 50 MiB).',
    '--max-body-bytes <n>': 'Largest body of a request in bytes, data URIs included (default: 100 MiB).',
    '--max-buffered-bytes <n>':
      'Memory for the bodies of all connections together, in bytes (default: 256 MiB).',
    '--max-upload-bytes <n>': 'Largest uploaded file in bytes (default: 200 MiB).',
    '--max-stored-bytes <n>': 'Space for uploads and results in bytes (default: 20 GiB).',
    '--result-life <seconds>': 'Time for which a finished request is kept (default: 3600).',
    '--file-life <seconds>': 'Longest time for which files are kept (default: 86400).',
  }
  command.optionsGroup('Limits:')
  for (const [flag, description] of Object.entries(limits))
    command.addOption(new Option(flag, description).argParser(parseAs(wholeNumber(1))))
}

function toServerConfig(flags: Flags): ServerConfig {
  const {
    publicUrl,
    dataDir,
    redis,
    storage,
    preload,
    maxWaiting,
    maxWaitingBytes,
    maxImageBytes,
    maxBodyBytes,
    maxBufferedBytes,
    maxUploadBytes,
    maxStoredBytes,
  } = flags
  const keysOfEnvironment = process.env.NOBG_SERVER_KEYS?.split(',').filter(key => key !== '') ?? []
  return {
    keys: [...(flags.key ?? []), ...keysOfEnvironment],
    publicUrl,
    dataDir,
    redis,
    storage,
    preload,
    allowHosts: flags.allowHost,
    allowOrigins: flags.allowOrigin,
    concurrency: flags.concurrency,
    maxWaiting,
    maxWaitingBytes,
    maxImageBytes,
    maxBodyBytes,
    maxBufferedBytes,
    maxUploadBytes,
    maxStoredBytes,
    resultLifeSeconds: flags.resultLife,
    fileLifeSeconds: flags.fileLife,
    maxRunSeconds: flags.maxRunTime,
    maxCloseSeconds: flags.maxCloseTime,
    engine: toConfig(flags, writeLine),
  }
}

/** Listens and prints how clients reach the server. */
async function startListening(
  server: NobgServer,
  { port, host }: Flags,
  { keys = [] }: ServerConfig,
): Promise<void> {
  const url = await server.listen({ port, host })
  const [key] = keys
  writeLine(`nobg listens on ${url}. Configure fal's client:`)
  writeLine(
    `  createFalClient({ ${key ? "credentials: '…', " : ''}proxyUrl: { url: '${url}/api/fal/proxy', when: 'always' } })`,
  )
  writeLine('To use a program without changes, start it with:')
  writeLine(`  ${key ? 'FAL_KEY=… ' : ''}NOBG_SERVER_URL=${url} node --import @nobg/server/fal app.js`)
  if (!key && !['127.0.0.1', '::1', 'localhost'].includes(host))
    writeLine(`Everyone who can reach ${host} can use this server. To require an API key, use --key.`)
}
