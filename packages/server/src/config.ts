import { join } from 'node:path'
import type { Config } from '@nobg/core'
import {
  chooseConcurrency,
  type FieldNames,
  field,
  isObject,
  parseFields,
  userDir,
  z,
} from '@nobg/core/internal'
import type { Storage } from 'unstorage'
import { createLogger, limitLogger, type ServerLogger } from './operations/logger.ts'

/** Config of a server. */
export interface ServerConfig {
  /** API keys. A client must send one of them (`FAL_KEY`). Default: none, everyone may send requests. */
  keys?: readonly string[]
  /** URL at which clients reach this server. The URLs in answers start with it. Default: the URL on which the server listens. */
  publicUrl?: string
  /** Folder for requests, files and the key of webhooks. Default: `server` in nobg's XDG data directory. */
  dataDir?: string
  /**
   * `redis://host:6379`: a queue that several machines share. This process then runs no requests. Workers run the requests:
   * start them with `createWorker` or `nobg worker`. Needs the packages bullmq and ioredis. Default: a queue of this process in `dataDir`.
   */
  redis?: string
  /**
   * Where files are stored: a storage of unstorage, or the URL of a shared storage: `redis://…`, or
   * `s3://bucket?endpoint=…&region=…&style=path|virtual` with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Default: `redis`, else `files` in `dataDir`.
   */
  storage?: Storage | string
  /**
   * Private hosts from which the server may fetch images and to which it may post webhooks: a host name or IP address as it is
   * written in the URL. Subdomains are not included. `host:8080` allows only this port. Default: none.
   */
  allowHosts?: readonly string[]
  /** Origins of web pages that may send requests to the server, such as `https://example.com`. Default: every origin if there are keys, else none. */
  allowOrigins?: readonly string[]
  /** Models whose weights are downloaded at the start. `/readyz` answers with 503 until they are complete. Default: none. */
  preload?: readonly string[]
  /**
   * Number of requests that run at the same time. Default: one per processor core, at most 16, fewer if memory is short, and at
   * least 2, so that one image is decoded during the inference of another. Up to 16 more requests fetch their image, or wait for a
   * slot with the fetched file.
   */
  concurrency?: number
  /**
   * Maximum time of a request in seconds, including the fetch of its image and a download of weights, but not the time in
   * which it waits for a slot after the fetch. A request that takes longer ends with status 504. Default: 300.
   */
  maxRunSeconds?: number
  /**
   * Maximum time in seconds that `close` waits for running requests. Requests that are still running are then aborted, and run
   * again after the next start. Default: 25, less than Kubernetes waits.
   */
  maxCloseSeconds?: number
  /** Maximum number of waiting requests. The server answers further requests with 429. Default: 1000. */
  maxWaiting?: number
  /**
   * Space for the data URIs of waiting requests, in bytes. If the space is used up, the server answers further requests with 429.
   * With Redis, the limit is for all servers together. Default: 2 GiB.
   */
  maxWaitingBytes?: number
  /** How long the result of a request is kept, in seconds. Default: 3600. */
  resultLifeSeconds?: number
  /** Longest time for which files are kept, in seconds. Default: 86,400. */
  fileLifeSeconds?: number
  /** Largest body of a call, with its data URIs, in bytes. Default: 100 MiB. */
  maxBodyBytes?: number
  /**
   * Memory for the bodies of all connections together, in bytes. The server answers further calls with 429. Uploads are streamed to the
   * storage and not counted, unless `storage` is an object. Default: 256 MiB.
   */
  maxBufferedBytes?: number
  /** Largest input image, in bytes. Default: 50 MiB. */
  maxImageBytes?: number
  /** Largest uploaded file, in bytes. Default: 200 MiB. */
  maxUploadBytes?: number
  /**
   * Space for results and uploads, in bytes. The server answers with 507 if an upload does not fit. While the space is used up, it
   * answers all new requests with 507, too. It always stores the results of accepted requests. The limit does not apply to Redis and
   * S3: Redis removes expired files, and in S3 the bucket needs a lifecycle rule. Default: 20 GiB.
   */
  maxStoredBytes?: number
  /** Folder of the page at `/`, or false for no page. Default: nobg's page. */
  page?: string | false
  /** Config of the engine: models, memory, caches. Here `svg` is off and `isolate` is on by default. */
  engine?: Config
  /** Receives the log, without secrets and long values. Default: lines of JSON on stdout. */
  logger?: ServerLogger
}

/** Config with its defaults filled in. */
export type ResolvedServerConfig = Required<Omit<ServerConfig, OpenFields>> & Pick<ServerConfig, OpenFields>

type OpenFields = 'publicUrl' | 'redis' | 'storage'

const atLeastOne = z.int().min(1)
const count = (otherwise: number) => atLeastOne.default(otherwise).describe('a whole number of at least 1')
const words = (what: string) => z.array(z.string().min(1)).default([]).describe(`a list of ${what}`)
const MIB = 2 ** 20
const redisAddress = z
  .string()
  .regex(/^rediss?:\/\//)
  // In a password, other characters than letters and digits are written as %2F.
  .refine(address => URL.canParse(address))
  .describe('redis://host:port')
const isStorage = (value: unknown) => isObject(value) && 'getItemRaw' in value
const isLogger = (value: unknown) => isObject(value) && 'error' in value

/** The description of a field says what the field must be. */
const schema = z.strictObject({
  keys: words('texts'),
  publicUrl: field(
    z
      .url({ protocol: /^https?$/ })
      .refine(url => !/^\w+:\/\/[^/?#]*@/.test(url))
      .transform(url => url.replace(/(?<!\/)\/+$/, '')),
    'an http or https URL without a user name',
  ),
  dataDir: z
    .string()
    .min(1)
    .default(() => join(userDir('data'), 'server'))
    .describe('the path of a folder'),
  redis: field(redisAddress, 'redis://host:port'),
  storage: field(
    z.union([z.string(), z.custom<Storage>(isStorage)]),
    'the URL of a storage, or a storage of unstorage',
  ),
  allowHosts: words('hosts'),
  allowOrigins: words('origins'),
  preload: words('models'),
  concurrency: atLeastOne
    .default(() => Math.max(2, chooseConcurrency()))
    .describe('a whole number of at least 1'),
  maxRunSeconds: count(300),
  maxCloseSeconds: count(25),
  maxWaiting: count(1000),
  maxWaitingBytes: count(2 * 1024 * MIB),
  resultLifeSeconds: count(3600),
  fileLifeSeconds: count(24 * 3600),
  maxBodyBytes: count(100 * MIB),
  maxBufferedBytes: count(256 * MIB),
  maxImageBytes: count(50 * MIB),
  maxUploadBytes: count(200 * MIB),
  maxStoredBytes: count(20 * 1024 * MIB),
  page: z
    .union([z.string().min(1), z.literal(false)])
    .default(join(import.meta.dirname, '../dist/page'))
    .describe('the path of a folder, or false'),
  // The engine checks its fields.
  engine: z.custom<Config>(isObject).default({}).describe('a config of @nobg/core'),
  logger: z
    .custom<ServerLogger>(isLogger)
    .default(createLogger)
    .transform(limitLogger)
    .describe('an object with the methods info, warn and error'),
})

/** Config of a worker. */
export interface WorkerConfig
  extends Pick<
    ServerConfig,
    | 'storage'
    | 'allowHosts'
    | 'preload'
    | 'concurrency'
    | 'maxRunSeconds'
    | 'maxCloseSeconds'
    | 'fileLifeSeconds'
    | 'maxImageBytes'
    | 'engine'
    | 'logger'
  > {
  /** `redis://host:6379`, the Redis of the servers. */
  redis: string
  /** Maximum number of requests that all workers together start in a minute. Default: no limit. */
  maxPerMinute?: number
  /** If this worker sends no heartbeat for this time in milliseconds, other workers run its requests. Default: 15,000. */
  takeoverMs?: number
  /** Ends the wait for Redis at the start. */
  signal?: AbortSignal
}

const workerSchema = schema
  .pick({
    storage: true,
    allowHosts: true,
    preload: true,
    concurrency: true,
    maxRunSeconds: true,
    maxCloseSeconds: true,
    fileLifeSeconds: true,
    maxImageBytes: true,
    engine: true,
    logger: true,
  })
  .extend({
    redis: redisAddress,
    maxPerMinute: field(z.int().min(1), 'a whole number of at least 1'),
    signal: field(z.instanceof(AbortSignal), 'an AbortSignal'),
    takeoverMs: z.int().min(100).default(15_000).describe('a whole number of at least 100'),
  })

/** @throws {NobgError} INVALID_OPTION */
export function resolveServerConfig(config: ServerConfig = {}): ResolvedServerConfig {
  return parseFields(schema, config, nameFields('ServerConfig'))
}

/** @throws {NobgError} INVALID_OPTION */
export function resolveWorkerConfig(config: WorkerConfig): z.output<typeof workerSchema> {
  return parseFields(workerSchema, config, nameFields('WorkerConfig'))
}

function nameFields(config: string): FieldNames {
  return {
    label: name => name,
    noun: `field of ${config}`,
    plural: `fields of ${config}`,
    hint: `Correct this field. The README of @nobg/server describes the fields of ${config}.`,
    // Keys, and the passwords in addresses.
    isSecret: true,
  }
}
