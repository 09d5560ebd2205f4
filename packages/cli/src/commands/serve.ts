import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import type { NobgServer, ServerConfig } from '@nobg/server'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { collect, parseNumber } from '../flag-values.ts'
import { loadServer } from '../load-server.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, modelSettings, type Settings, toConfig } from '../settings.ts'

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
  maxWaiting?: number
  maxImageBytes?: number
  maxBodyBytes?: number
  maxUploadBytes?: number
  resultLife?: number
  fileLife?: number
}

/** `nobg serve`: the HTTP server that fal's own client can talk to. */
export function addServeCommand(program: Command, { signal }: Context): void {
  const serve = program
    .command('serve')
    .description("Answer fal's own client over HTTP: fal-ai/birefnet on this machine.")
    .addOption(
      new Option('--port <n>', 'Where to listen; 0 for any free port.')
        .default(3000)
        .argParser(parseNumber(0, 65_535)),
    )
    .option('--host <address>', 'Where to listen; 0.0.0.0 for the whole network.', '127.0.0.1')
    .option(
      '--key <key>',
      'A key that callers may show; again for more. NOBG_SERVER_KEYS=one,two adds to them.',
      collect,
    )
    .option(
      '--preload <model>',
      'Fetch the weights of this model before it is needed; again for more.',
      collect,
    )
    .option('--public-url <url>', 'Where clients reach this server. Default: where it listens.')
    .option('--data-dir <folder>', 'Folder of requests and files.')
    .option('--redis <url>', 'redis://host:6379: share the queue with other servers; nobg worker runs it.')
    .option(
      '--storage <url>',
      'Where files lie: redis://…, or s3://bucket?endpoint=…. Default: Redis or the folder.',
    )
    .option(
      '--allow-host <host>',
      'A private host that images and webhooks may name; again for more.',
      collect,
    )
    .option('--allow-origin <origin>', 'An origin of web pages that may call; again for more.', collect)
  addLimitFlags(serve)
  addSettingFlags(serve, ['concurrency', ...modelSettings])
  serve.action(async (flags: Flags) => {
    // Up to five times what is alive. V8 would collect at each second picture, whose buffers count although they are gone by
    // then: 6 % of a server's processor time at u2netp, for which this takes 70 MB of memory.
    setFlagsFromString('--heap-growing-percent=400')
    const { createServer } = await loadServer()
    const config = toServerConfig(flags)
    await using server = await createServer(config)
    await openDoor(server, flags, config)
    if (!signal.aborted) await once(signal, 'abort')
    writeLine('Going down once the requests that run have ended; Ctrl-C again does so at once.')
  })
}

function addLimitFlags(command: Command): void {
  const limits = {
    '--max-waiting <n>': 'Requests that wait at most (default: 1000).',
    '--max-image-bytes <n>': 'Largest image, in bytes (default: 50 MiB).',
    '--max-body-bytes <n>': 'Largest body of a call, data URIs included (default: 100 MiB).',
    '--max-upload-bytes <n>': 'Largest uploaded file (default: 200 MiB).',
    '--result-life <seconds>': 'How long a finished request is remembered (default: 3600).',
    '--file-life <seconds>': 'How long files live at most (default: 86400).',
  }
  command.optionsGroup('Limits:')
  for (const [flag, description] of Object.entries(limits))
    command.addOption(new Option(flag, description).argParser(parseNumber(1)))
}

function toServerConfig(flags: Flags): ServerConfig {
  const {
    publicUrl,
    dataDir,
    redis,
    storage,
    preload,
    maxWaiting,
    maxImageBytes,
    maxBodyBytes,
    maxUploadBytes,
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
    maxImageBytes,
    maxBodyBytes,
    maxUploadBytes,
    resultLifeSeconds: flags.resultLife,
    fileLifeSeconds: flags.fileLife,
    engine: toConfig(flags, writeLine),
  }
}

/** Listens, and says how to get there. */
async function openDoor(
  server: NobgServer,
  { port, host }: Flags,
  { keys = [] }: ServerConfig,
): Promise<void> {
  const url = await server.listen({ port, host })
  const [key] = keys
  writeLine(`nobg answers at ${url}, and fal's client once it is told so:`)
  writeLine(
    `  createFalClient({ ${key ? "credentials: '…', " : ''}proxyUrl: { url: '${url}/api/fal/proxy', when: 'always' } })`,
  )
  writeLine('or, with no change to a program:')
  writeLine(`  ${key ? 'FAL_KEY=… ' : ''}NOBG_SERVER_URL=${url} node --import @nobg/server/fal app.js`)
  if (!key && !['127.0.0.1', '::1', 'localhost'].includes(host))
    writeLine(`Whoever reaches ${host} may use it: --key asks them for a key.`)
}
