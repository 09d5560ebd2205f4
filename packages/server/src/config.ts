import { join } from 'node:path'
import { type Config, NobgError } from '@nobg/core'
import { userDir } from '@nobg/core/internal'
import type { Storage } from 'unstorage'
import { z } from 'zod'
import { createLogger, type ServerLogger } from './operations/logger.ts'

/** How a server works. */
export interface ServerConfig {
  /** Keys of which a client must show one (`FAL_KEY`). Default: none, and everyone may call. */
  keys?: readonly string[]
  /** Address under which clients reach this server, for the addresses that it gives out. Default: the one it listens at. */
  publicUrl?: string
  /** Folder of requests, files and the key of webhooks. Default: `server` in nobg's XDG data directory. */
  dataDir?: string
  /**
   * `redis://host:6379`: the queue of several machines. This process takes requests then and answers, and runs none: that
   * is done by workers, `createWorker` or `nobg worker`, wherever they are. Default: the queue is in `dataDir`, of this process alone.
   */
  redis?: string
  /**
   * Where files lie: unstorage's object, or the address of a store that machines share: `redis://…`, or
   * `s3://bucket?endpoint=…&region=…` with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Default: `redis`, else `files` in `dataDir`.
   */
  storage?: Storage | string
  /**
   * Hosts that images and webhooks may name although they are not public: a name or an address as the URL has it, exactly
   * that and no name below it, with `:port` at that port alone. Default: none.
   */
  allowHosts?: readonly string[]
  /** Origins of web pages that may call, such as `https://example.com`. Default: every origin where there are keys, else none. */
  allowOrigins?: readonly string[]
  /** Models whose weights are fetched at the start; until they are there, `/readyz` says no. Default: none. */
  preload?: readonly string[]
  /** Requests that run at the same time. Default: 2, so that one is decoded while another is in the network. */
  concurrency?: number
  /** Requests that wait at most; more are answered 429. Default: 1000. */
  maxWaiting?: number
  /** How long a finished request is remembered, in seconds. Default: 3600. */
  resultLifeSeconds?: number
  /** How long files live at most, in seconds. Default: 86,400. */
  fileLifeSeconds?: number
  /** Largest body of a call, in bytes; data URIs lie in it. Default: 100 MiB. */
  maxBodyBytes?: number
  /** Largest image that is read, in bytes. Default: 50 MiB. */
  maxImageBytes?: number
  /** Largest uploaded file, in bytes. Default: 200 MiB. */
  maxUploadBytes?: number
  /**
   * Room for files, in bytes: once results and uploads fill it, no upload is taken until some have expired. A store that
   * forgets by itself, Redis or S3, has its own. Default: 20 GiB.
   */
  maxStoredBytes?: number
  /** Folder of the page at `/`; false for none, where `/` is yours. Default: nobg's own page. */
  page?: string | false
  /** The engine's own config: models, memory, caches. */
  engine?: Config
  /** Where the server speaks. Default: lines of JSON on stdout. */
  logger?: ServerLogger
}

/** Config with its defaults filled in. */
export type ResolvedServerConfig = Required<Omit<ServerConfig, OpenFields>> & Pick<ServerConfig, OpenFields>

type OpenFields = 'publicUrl' | 'redis' | 'storage'

const count = (otherwise: number) => z.int().min(1).default(otherwise)
const MIB = 2 ** 20
const redisAddress = z.string().regex(/^rediss?:\/\//, 'expected redis://host:port')

const schema = z.strictObject({
  keys: z.array(z.string().min(1)).default([]),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .transform(url => url.replace(/(?<!\/)\/+$/, ''))
    .optional(),
  dataDir: z
    .string()
    .min(1)
    .default(() => join(userDir('data'), 'server')),
  redis: redisAddress.optional(),
  storage: z
    .union([z.string(), z.custom<Storage>(value => typeof (value as Storage)?.getItemRaw === 'function')])
    .optional(),
  allowHosts: z.array(z.string().min(1)).default([]),
  allowOrigins: z.array(z.string().min(1)).default([]),
  preload: z.array(z.string().min(1)).default([]),
  concurrency: count(2),
  maxWaiting: count(1000),
  resultLifeSeconds: count(3600),
  fileLifeSeconds: count(24 * 3600),
  maxBodyBytes: count(100 * MIB),
  maxImageBytes: count(50 * MIB),
  maxUploadBytes: count(200 * MIB),
  maxStoredBytes: count(20 * 1024 * MIB),
  page: z.union([z.string().min(1), z.literal(false)]).default(join(import.meta.dirname, '../dist/page')),
  engine: z.custom<Config>(value => typeof value === 'object').default({}),
  logger: z
    .custom<ServerLogger>(value => typeof (value as ServerLogger)?.error === 'function')
    .default(createLogger),
})

/** How a worker works: as a server does, as far as it does the same. */
export interface WorkerConfig
  extends Pick<
    ServerConfig,
    | 'storage'
    | 'allowHosts'
    | 'preload'
    | 'concurrency'
    | 'fileLifeSeconds'
    | 'maxImageBytes'
    | 'engine'
    | 'logger'
  > {
  /** `redis://host:6379`, the same as that of the servers. */
  redis: string
  /** Requests that all workers together begin in a minute. Default: as many as they can. */
  maxPerMinute?: number
  /** After how long without a sign of life a worker's requests are another's, in milliseconds. Default: 15,000. */
  takeoverMs?: number
}

const workerSchema = schema
  .pick({
    storage: true,
    allowHosts: true,
    preload: true,
    concurrency: true,
    fileLifeSeconds: true,
    maxImageBytes: true,
    engine: true,
    logger: true,
  })
  .extend({
    redis: redisAddress,
    maxPerMinute: z.int().min(1).optional(),
    takeoverMs: z.int().min(100).default(15_000),
  })

/** @throws {NobgError} INVALID_OPTION */
export function resolveServerConfig(config: ServerConfig = {}): ResolvedServerConfig {
  return parse(schema, config, 'ServerConfig')
}

/** @throws {NobgError} INVALID_OPTION */
export function resolveWorkerConfig(config: WorkerConfig): z.output<typeof workerSchema> {
  return parse(workerSchema, config, 'WorkerConfig')
}

function parse<Schema extends z.ZodType>(schema: Schema, config: unknown, name: string): z.output<Schema> {
  const result = schema.safeParse(config)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]
  throw new NobgError('INVALID_OPTION', `${path.join('.') || 'config'}: ${message}.`, {
    hint: `See ${name} for what there is.`,
  })
}
