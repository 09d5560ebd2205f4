import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defaultCacheDir } from '../cache/default-dir.ts'
import type { CacheStore } from '../cache/entry-store.ts'
import type { LocalModel } from '../models/local.ts'
import type { MemoryMode } from '../models/memory.ts'
import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { readFreeMemory } from '../shared/free-memory.ts'
import { findSuggestion } from '../shared/suggest.ts'
import type { ExecutionProvider, Logger } from '../shared/types.ts'
import { userDir } from '../shared/user-dir.ts'

/** How and where nobg works; nothing here changes a pixel, so nothing here is part of a key. */
export interface Config {
  /** Folder of the default cache. Default: `NOBG_CACHE_DIR`, else `node_modules/.cache/nobg` of the working directory's package, or `.nobg-cache` outside of one. */
  cacheDir?: string
  /** Size in bytes that the default cache is kept under. Default: 2 GiB. */
  cacheMaxBytes?: number
  /** A Keyv storage adapter to use instead of the default cache; `tieredStore(fileStore({ dir }), shared)` puts files in front. */
  store?: CacheStore
  /** Folder of downloaded weights. Default: `NOBG_MODELS_DIR`, else `models` in nobg's XDG data directory. */
  modelsDir?: string
  /** Whether missing weights may be downloaded. Default: true; `NOBG_OFFLINE=1` forbids it, whatever stands here. */
  download?: boolean
  /** Address of a private mirror of weights, tried before the public ones: it serves `<modelsUrl>/<id>.onnx`. Default: `NOBG_MODELS_URL`. */
  modelsUrl?: string
  /** Whether downloaded weights stay on disk beside the optimized file that is made from them and that is used. Default: true. */
  keepOriginalWeights?: boolean
  /** Models of your own: `{ 'my-model': { path: 'my.onnx', resolution: 1024, … } }`. */
  models?: Record<string, LocalModel>
  /**
   * Use another model in place of all (`'u2netp'`) or of named ones (`{ portrait: 'u2netp' }`): for drafts in development
   * or CI without weights. Default: `NOBG_SUBSTITUTE` (`u2netp`, or `portrait=u2netp,matting=u2netp`).
   */
  substitute?: string | Record<string, string>
  /** Address of an `@nobg/server` that runs the models in place of this machine: `http://gpu-box:3000`. Default: `NOBG_REMOTE`. */
  remote?: string
  /** A key of that server. Default: `NOBG_REMOTE_KEY`. */
  remoteKey?: string
  /** Threads of one inference. Default: ONNX Runtime's choice. */
  threads?: number
  /**
   * What runs the models, in order: where one does not, the next is tried, with a warning. A graphics card's results may
   * differ by a rounding. Default: `['cpu']`.
   */
  executionProviders?: readonly ExecutionProvider[]
  /**
   * `auto` gives up speed where memory is short, and refuses a model for which there is not enough; `low` takes as little
   * as it can at once; `fast` takes what it likes, and refuses nothing. Counts for models on the processor. Default: `auto`.
   */
  memory?: MemoryMode
  /** Images decoded, composed and encoded at the same time. Default: 2, or 1 where less than 2 GB of memory is left. */
  concurrency?: number
  /** How long an idle worker keeps its model in memory. Default: 30 000. */
  idleTimeoutMs?: number
  /** Largest picture, in pixels, that is decoded. Default: 100 000 000. */
  maxPixels?: number
  /** Largest source, in bytes, that is read. Default: 256 MiB. */
  maxBytes?: number
  /** Longest silence of a server, of images or of weights, and of a stream, in ms; 0 for ever. Default: 60 000, of a stream 0. */
  timeoutMs?: number
  /** Where warnings go, and a word before each download. Default: `console`. */
  logger?: Logger
}

/** Config with its defaults filled in. */
export type ResolvedConfig = Required<Omit<Config, OpenFields>> & Pick<Config, OpenFields>

/** Fields whose default lies with the folder that uses them, or that have none. */
type OpenFields =
  | 'store'
  | 'modelsUrl'
  | 'substitute'
  | 'remote'
  | 'remoteKey'
  | 'cacheMaxBytes'
  | 'maxPixels'
  | 'maxBytes'
  | 'timeoutMs'

/** @throws {NobgError} INVALID_OPTION */
export function resolveConfig(config: Config = {}, env: NodeJS.ProcessEnv = process.env): ResolvedConfig {
  checkConfig(config)
  return {
    ...config,
    cacheDir: config.cacheDir ?? defaultCacheDir(process.cwd()),
    modelsDir: config.modelsDir ?? env.NOBG_MODELS_DIR ?? join(userDir('data'), 'models'),
    download: (config.download ?? true) && !isOn(env.NOBG_OFFLINE),
    modelsUrl: config.modelsUrl ?? (env.NOBG_MODELS_URL || undefined),
    keepOriginalWeights: config.keepOriginalWeights ?? true,
    models: config.models ?? {},
    substitute: config.substitute ?? parseSubstitute(env.NOBG_SUBSTITUTE),
    remote: config.remote ?? (env.NOBG_REMOTE || undefined),
    remoteKey: config.remoteKey ?? (env.NOBG_REMOTE_KEY || undefined),
    threads: config.threads ?? 0,
    executionProviders: config.executionProviders ?? ['cpu'],
    memory: config.memory ?? 'auto',
    concurrency: config.concurrency ?? (readFreeMemory() < 2e9 ? 1 : Math.min(2, availableParallelism())),
    idleTimeoutMs: config.idleTimeoutMs ?? 30_000,
    logger: config.logger ?? console,
  }
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !['', '0', 'false', 'no'].includes(text.trim().toLowerCase())
}

/** `u2netp` → all models; `portrait=u2netp,matting=u2netp` → the named ones. */
function parseSubstitute(text: string | undefined): ResolvedConfig['substitute'] {
  if (!text?.trim()) return undefined
  if (!text.includes('=')) return text.trim()
  const pairs = text.split(',').map(pair => pair.split('=').map(word => word.trim()))
  if (pairs.some(pair => pair.length !== 2 || pair.includes(''))) {
    throw new NobgError(
      'INVALID_OPTION',
      `NOBG_SUBSTITUTE: expected u2netp or portrait=u2netp,…; got ${showValue(text)}.`,
    )
  }
  return Object.fromEntries(pairs)
}

/** What a field must be: the least a number may be, what `typeof` says of it, one of some words, or a list of them. */
type Expectation =
  | number
  | 'string'
  | 'boolean'
  | 'object'
  | 'string or object'
  | { oneOf: readonly string[] }
  | { listOf: readonly string[] }

const expectations: Record<keyof Config, Expectation> = {
  cacheDir: 'string',
  cacheMaxBytes: 1,
  store: 'object',
  modelsDir: 'string',
  download: 'boolean',
  modelsUrl: 'string',
  keepOriginalWeights: 'boolean',
  models: 'object',
  substitute: 'string or object',
  remote: 'string',
  remoteKey: 'string',
  threads: 0,
  executionProviders: { listOf: ['webgpu', 'cuda', 'coreml', 'dml', 'cpu'] },
  memory: { oneOf: ['auto', 'low', 'fast'] },
  concurrency: 1,
  idleTimeoutMs: 0,
  maxPixels: 1,
  maxBytes: 1,
  timeoutMs: 0,
  logger: 'object',
}

function checkConfig(config: Config): void {
  for (const [name, value] of Object.entries(config)) {
    if (!Object.hasOwn(expectations, name)) {
      const meant = findSuggestion(name, Object.keys(expectations))
      throw new NobgError('INVALID_OPTION', `Unknown config ${showValue(name)}.`, {
        hint: meant ? `Did you mean '${meant}'?` : `Known are ${Object.keys(expectations).join(', ')}.`,
      })
    }
    const expected = expectations[name as keyof Config]
    if (value === undefined || isExpected(value, expected)) continue
    throw new NobgError(
      'INVALID_OPTION',
      `Config '${name}': expected ${describeExpectation(expected)}, got ${showValue(value)}.`,
    )
  }
}

function describeExpectation(expected: Expectation): string {
  if (typeof expected === 'number') return `a number of at least ${expected}`
  if (typeof expected === 'string') return expected
  return 'oneOf' in expected ? expected.oneOf.join(' or ') : `a list of ${expected.listOf.join(', ')}`
}

function isExpected(value: unknown, expected: Expectation): boolean {
  if (typeof expected === 'number') return typeof value === 'number' && value >= expected
  if (typeof expected === 'string') return value !== null && expected.split(' or ').includes(typeof value)
  if ('oneOf' in expected) return expected.oneOf.includes(value as string)
  return Array.isArray(value) && value.length > 0 && value.every(word => expected.listOf.includes(word))
}
