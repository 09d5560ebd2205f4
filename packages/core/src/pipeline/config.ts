import { join, resolve } from 'node:path'
import { z } from 'zod'
import { defaultCacheDir } from '../cache/default-dir.ts'
import type { CacheStore } from '../cache/entry-store.ts'
import type { LocalModel } from '../models/local.ts'
import type { MemoryMode } from '../models/memory.ts'
import type { WeightsPrecision } from '../models/registry.ts'
import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { atLeast, field, isObject, parseFields } from '../shared/fields.ts'
import type { ExecutionProvider, Logger } from '../shared/types.ts'
import { userDir } from '../shared/user-dir.ts'
import { chooseConcurrency } from './choose-concurrency.ts'

/**
 * Where nobg keeps files and how it runs. A field changes no pixel and is part of no key, with two exceptions: `models`,
 * `substitute` and `weightsPrecision` choose the weights, which the key of a matte holds; and a GPU (`executionProviders`, `remote`) may differ from
 * the CPU by a rounding error.
 */
export interface Config {
  /**
   * Folder of the default cache. Default: `NOBG_CACHE_DIR`, else `node_modules/.cache/nobg` in the package of the working
   * directory, or `.nobg-cache` outside a package.
   */
  cacheDir?: string
  /** Maximum size of the default cache in bytes. Default: 2 GiB. */
  cacheMaxBytes?: number
  /**
   * Storage adapter of Keyv that replaces the default cache. `tieredStore(fileStore({ dir }), adapter)` reads files on
   * this machine first, then the adapter.
   */
  store?: CacheStore
  /** Root of the project. In the folder `mattes`, each matte has the path of its photograph relative to this root. Default: the working directory. */
  root?: string
  /**
   * Folder of kept mattes, relative to `root`. nobg writes every predicted matte to this folder, and later uses the file instead of a
   * new prediction. Commit the folder. Default: `NOBG_MATTES`, else none.
   */
  mattes?: string
  /**
   * If true, nobg predicts no matte. Each photograph then needs a matte of your own (`ada.matte.png` beside `ada.jpg`) or a
   * kept matte, and neither ONNX Runtime nor weights are needed. Default: `NOBG_FROZEN`; else true if `CI` is set and the folder `mattes` has a matte.
   */
  frozen?: boolean
  /**
   * What happens if the check of a matte has findings: `warn` returns them with the cutout (`findings`), `error` throws
   * DOUBTFUL_MATTE, `off` ignores them and accepts cutouts without a subject. Default: `warn`.
   */
  quality?: Quality
  /** Folder of downloaded weights. Default: `NOBG_MODELS_DIR`, else `models` in nobg's XDG data directory. */
  modelsDir?: string
  /** Whether nobg may download missing weights. `NOBG_OFFLINE=1` overrides this field. Default: true. */
  download?: boolean
  /** URL of a private mirror that serves `<modelsUrl>/<id>.onnx`. nobg tries the mirror before the public URLs. Default: `NOBG_MODELS_URL`. */
  modelsUrl?: string
  /**
   * Precision of the downloaded weights: `float32` or `float16`. Files in float16 exist for `general-light`, `general-heavy`
   * and `portrait`, and are half as large. nobg always computes in float32, so the time does not change. Mattes differ a
   * little and are cached separately. Default: `float32`.
   */
  weightsPrecision?: WeightsPrecision
  /** If false, nobg deletes the downloaded weights after it has made the optimized graph. Default: true. */
  keepOriginalWeights?: boolean
  /** Your own models by id: `{ 'my-model': { path: 'my.onnx', resolution: 1024, … } }`. */
  models?: Record<string, LocalModel>
  /**
   * Allowed licenses of weights, as SPDX identifiers: `['MIT', 'Apache-2.0']`. `unknown` allows weights without a stated
   * license. nobg refuses other models. Default: the variable `NOBG_LICENSES` (such as `MIT,Apache-2.0`), else all licenses.
   */
  licenses?: readonly string[]
  /**
   * A model that replaces all other models (`'u2netp'`), or a table of replacements (`{ portrait: 'u2netp' }`): for drafts in
   * development, or for CI without weights. Default: the variable `NOBG_SUBSTITUTE` (such as `u2netp`, or
   * `portrait=u2netp,matting=u2netp`), else none.
   */
  substitute?: string | Record<string, string>
  /** URL of an `@nobg/server` that runs the models: `http://gpu-box:3000`. Default: `NOBG_REMOTE`. */
  remote?: string
  /** API key for that server. Default: `NOBG_REMOTE_KEY`. */
  remoteKey?: string
  /** Threads of one inference. Default: chosen by ONNX Runtime. */
  threads?: number
  /**
   * Execution providers in the order in which they are tried. If a provider fails, nobg warns and tries the next. A matte
   * that a GPU computes may differ from that of the CPU by a rounding error. Default: `['cpu']`.
   */
  executionProviders?: readonly ExecutionProvider[]
  /**
   * Memory of models that run on the CPU. `auto` keeps buffers between images if the memory suffices, and refuses a model that
   * does not fit; a single image of more than 16 megapixels keeps none. `low` always uses the least memory; `fast` always keeps
   * buffers and checks nothing. Default: `auto`.
   */
  memory?: MemoryMode
  /**
   * Number of images that are decoded, composed and encoded at the same time. Default: one per processor core, at most 16,
   * and at most (free memory − 1 GB) ÷ 0.5 GB.
   */
  concurrency?: number
  /** Time in ms after which an idle worker ends and frees its model. Default: 30 000. */
  idleTimeoutMs?: number
  /**
   * If true, image work runs in child processes instead of threads. An abort then stops a decoder at once, and if a decoder
   * crashes, other work continues. A process takes 50 MB more than a thread. Default: false; true in `@nobg/server`.
   */
  isolate?: boolean
  /** Maximum size of an image in pixels. Default: 100 000 000. */
  maxPixels?: number
  /**
   * Whether SVG images are decoded. Decoding a small SVG can take minutes, and an abort ends it only if `isolate` is true. Set
   * false if you do not trust the images. Default: true.
   */
  svg?: boolean
  /** Maximum size of a source in bytes. Default: 256 MiB. */
  maxBytes?: number
  /** If a server or a stream sends no data for this time in ms, reading fails. 0: no limit. Default: 60 000 for servers, 0 for streams. */
  timeoutMs?: number
  /** Receives warnings, and one line before each download. Default: `console`. */
  logger?: Logger
}

/** What happens if the check of a matte has findings. */
export type Quality = 'warn' | 'error' | 'off'

/** Config with its defaults filled in. */
export type ResolvedConfig = Required<Omit<Config, OpenFields>> & Pick<Config, OpenFields>

/** Fields without a default, or whose default is set by the code that uses them. */
type OpenFields =
  | 'store'
  | 'mattes'
  | 'frozen'
  | 'modelsUrl'
  | 'licenses'
  | 'substitute'
  | 'remote'
  | 'remoteKey'
  | 'cacheMaxBytes'
  | 'maxPixels'
  | 'maxBytes'
  | 'timeoutMs'

/** Checks a config and fills in its defaults. @throws {NobgError} INVALID_OPTION */
export function resolveConfig(input: Config = {}, env: NodeJS.ProcessEnv = process.env): ResolvedConfig {
  const config: Config = parseFields(configSchema, input, CONFIG_NAMES)
  const root = resolve(config.root ?? '')
  const mattes = config.mattes ?? (env.NOBG_MATTES || undefined)
  return {
    ...config,
    root,
    mattes: mattes && resolve(root, mattes),
    frozen: config.frozen ?? readFrozen(env, mattes),
    quality: config.quality ?? 'warn',
    cacheDir: config.cacheDir ?? defaultCacheDir(process.cwd()),
    modelsDir: config.modelsDir ?? env.NOBG_MODELS_DIR ?? join(userDir('data'), 'models'),
    download: (config.download ?? true) && !isOn(env.NOBG_OFFLINE),
    modelsUrl: config.modelsUrl ?? (env.NOBG_MODELS_URL || undefined),
    weightsPrecision: config.weightsPrecision ?? 'float32',
    keepOriginalWeights: config.keepOriginalWeights ?? true,
    models: config.models ?? {},
    licenses: config.licenses ?? splitList(env.NOBG_LICENSES),
    substitute: config.substitute ?? parseSubstitute(env.NOBG_SUBSTITUTE),
    remote: config.remote ?? (env.NOBG_REMOTE || undefined),
    remoteKey: config.remoteKey ?? (env.NOBG_REMOTE_KEY || undefined),
    threads: config.threads ?? 0,
    executionProviders: config.executionProviders ?? ['cpu'],
    memory: config.memory ?? 'auto',
    svg: config.svg ?? true,
    isolate: config.isolate ?? false,
    concurrency: config.concurrency ?? chooseConcurrency(),
    idleTimeoutMs: config.idleTimeoutMs ?? 30_000,
    logger: config.logger ?? console,
  }
}

/** @returns `undefined`: frozen if the folder of mattes has a matte */
function readFrozen(env: NodeJS.ProcessEnv, mattes: string | undefined): boolean | undefined {
  if (env.NOBG_FROZEN?.trim()) return isOn(env.NOBG_FROZEN)
  return mattes && isOn(env.CI) ? undefined : false
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !['', '0', 'false', 'no'].includes(text.trim().toLowerCase())
}

function splitList(text: string | undefined): string[] | undefined {
  return text?.trim() ? text.split(',').map(word => word.trim()) : undefined
}

/** `u2netp` replaces all models, `portrait=u2netp,matting=u2netp` the named models. */
function parseSubstitute(text: string | undefined): ResolvedConfig['substitute'] {
  if (!text?.trim()) return undefined
  if (!text.includes('=')) return text.trim()
  const pairs = text.split(',').map(pair => pair.split('=').map(word => word.trim()))
  if (pairs.some(pair => pair.length !== 2 || pair.includes(''))) {
    throw new NobgError(
      'INVALID_OPTION',
      `NOBG_SUBSTITUTE: expected the id of a model, or pairs such as portrait=u2netp,matting=u2netp, got ${showValue(text)}.`,
      { hint: 'Set NOBG_SUBSTITUTE=u2netp, or unset the variable.' },
    )
  }
  return Object.fromEntries(pairs)
}

const executionProviders = ['webgpu', 'cuda', 'coreml', 'dml', 'cpu'] as const satisfies ExecutionProvider[]

/** The fields of {@link Config}. The description of a field says what the field must be. */
export const configSchema = z.strictObject({
  cacheDir: field(z.string(), 'a string'),
  cacheMaxBytes: atLeast(1),
  store: field(z.custom<CacheStore>(isObject), 'an object'),
  root: field(z.string(), 'a string'),
  mattes: field(z.string().min(1), 'the path of a folder'),
  frozen: field(z.boolean(), 'true or false'),
  quality: field(z.enum(['warn', 'error', 'off']), 'warn, error or off'),
  modelsDir: field(z.string(), 'a string'),
  download: field(z.boolean(), 'true or false'),
  modelsUrl: field(z.string(), 'a string'),
  weightsPrecision: field(z.enum(['float32', 'float16']), 'float32 or float16'),
  keepOriginalWeights: field(z.boolean(), 'true or false'),
  // Checked by the registry, which names the field that is wrong.
  models: field(z.custom<NonNullable<Config['models']>>(isObject), 'an object'),
  licenses: field(z.array(z.string().min(1)), 'a list of SPDX identifiers'),
  substitute: field(
    z.union([z.string(), z.record(z.string(), z.string())]),
    'a string or an object of strings',
  ),
  remote: field(z.string(), 'a string'),
  remoteKey: field(z.string(), 'a string'),
  threads: atLeast(0),
  executionProviders: field(
    z.array(z.enum(executionProviders)).min(1),
    `a list of ${executionProviders.join(', ')}`,
  ),
  memory: field(z.enum(['auto', 'low', 'fast']), 'auto, low or fast'),
  concurrency: atLeast(1),
  idleTimeoutMs: atLeast(0),
  isolate: field(z.boolean(), 'true or false'),
  maxPixels: atLeast(1),
  svg: field(z.boolean(), 'true or false'),
  maxBytes: atLeast(1),
  timeoutMs: atLeast(0),
  logger: field(z.custom<Logger>(isObject), 'an object'),
} satisfies Record<keyof Config, z.ZodType>)

const CONFIG_NAMES = {
  label: (name: string) => `Config field '${name}'`,
  noun: 'config field',
  plural: 'fields of the config',
}
