import { basename, resolve } from 'node:path'
import type { Config } from '@nobg/core'
import { abbreviate, configSchema, defaultCacheDir, userDir, z } from '@nobg/core/internal'
import { type Command, Option } from 'commander'
import { parseAs, wholeNumber } from './flag-values.ts'

/** Values of the flags that are no options of a cutout. */
export interface Settings {
  cacheDir?: string
  /** False for `--no-cache`. */
  cache?: boolean
  modelsDir?: string
  substitute?: string
  /** False for `--no-download`. */
  download?: boolean
  weightsPrecision?: Config['weightsPrecision']
  threads?: number
  executionProviders?: Config['executionProviders']
  memory?: Config['memory']
  quality?: Config['quality']
  mattes?: string
  /** True for `--frozen`, false for `--no-frozen`. */
  frozen?: boolean
  concurrency?: number
  maxBytes?: number
  maxPixels?: number
  allowSvg?: boolean
  timeoutMs?: number
}

const { executionProviders: providers, memory, weightsPrecision: precision } = configSchema.shape
const providerNames = z
  .preprocess(
    text =>
      String(text)
        .split(',')
        .map(name => name.trim()),
    providers,
  )
  .describe(providers.description ?? '')
/** Longest line of the engine's log, in characters. */
const MAX_LINE = 4000

const count = parseAs(wholeNumber(1, 9999))

const flags = {
  cacheDir: () => new Option('--cache-dir <folder>', 'Folder of the cache of mattes and cutouts.'),
  cache: () => new Option('--no-cache', 'Neither read nor write the cache.'),
  modelsDir: () => new Option('--models-dir <folder>', 'Folder of the weights of models.'),
  substitute: () => new Option('--substitute <id>', 'Use this model in place of all others, for drafts.'),
  download: () => new Option('--no-download', 'Fail instead of downloading missing weights.'),
  weightsPrecision: () =>
    new Option(
      '--weights-precision <type>',
      'Weights to download: float32 (default), or float16, which has half the size and changes mattes a little.',
    ).argParser(parseAs(precision)),
  threads: () => new Option('--threads <n>', 'Number of threads of one inference.').argParser(count),
  executionProviders: () =>
    new Option(
      '--execution-providers <names>',
      'Execution providers to try, in this order: webgpu, cuda, coreml, dml, cpu. Example: webgpu,cpu. Default: cpu.',
    ).argParser(parseAs(providerNames)),
  memory: () =>
    new Option('--memory <mode>', 'Memory use: auto (default), low or fast.').argParser(parseAs(memory)),
  quality: () =>
    new Option(
      '--quality <mode>',
      'What to do if a matte is probably wrong: warn (default) prints the reason, error makes the picture fail, off prints nothing and accepts empty cutouts.',
    ),
  mattes: () =>
    new Option(
      '--mattes <folder>',
      'Folder of kept mattes. nobg writes every predicted matte to this folder, and later uses the file.',
    ),
  frozen: () =>
    new Option(
      '--frozen',
      'Predict no matte. A picture fails if it has neither a matte of your own nor a kept matte.',
    ),
  concurrency: () =>
    new Option(
      '--concurrency <n>',
      'Pictures processed at the same time (default: one per core, at most 16, fewer if memory is short).',
    ).argParser(count),
  maxBytes: () =>
    new Option('--max-bytes <n>', 'Largest file that is read, in bytes (default: 256 MiB).').argParser(
      parseAs(wholeNumber(1)),
    ),
  maxPixels: () =>
    new Option(
      '--max-pixels <n>',
      'Largest picture that is decoded, in pixels (default: 100 million).',
    ).argParser(parseAs(wholeNumber(1))),
  allowSvg: () =>
    new Option(
      '--allow-svg',
      'Decode SVG images, which can take minutes. Use this flag only if you trust all clients.',
    ),
  timeoutMs: () =>
    new Option(
      '--timeout-ms <n>',
      'Longest time without data in ms. Default: 60000 for servers, no limit for pipes. 0: no limit.',
    ).argParser(parseAs(wholeNumber(0))),
} satisfies Record<keyof Settings, () => Option>

/** Settings of every command that runs a model. */
export const modelSettings = [
  'threads',
  'executionProviders',
  'memory',
  'substitute',
  'download',
  'weightsPrecision',
  'modelsDir',
  'cacheDir',
] as const satisfies readonly (keyof Settings)[]

/** Additional settings of every command that reads pictures. */
export const readSettings = [
  'maxBytes',
  'maxPixels',
  'timeoutMs',
] as const satisfies readonly (keyof Settings)[]

/** The flag that sets a field of core's config, such as `--max-bytes`; undefined if no flag sets it. */
export function findSettingFlag(field: string): string | undefined {
  return Object.hasOwn(flags, field) ? flags[field as keyof Settings]().long : undefined
}

/** The text of `--concurrency` for a server: the default differs from that of a batch. */
export const SERVER_CONCURRENCY =
  'Requests that run at the same time (default: one per core, at least 2, at most 16, fewer if memory is short).'

/** Adds flags to a command. @param texts descriptions that differ for this command */
export function addSettingFlags(
  command: Command,
  names: readonly (keyof Settings)[],
  texts: Partial<Record<keyof Settings, string>> = {},
): void {
  command.optionsGroup('Settings:')
  for (const name of names) {
    const flag = flags[name]()
    flag.description = texts[name] ?? flag.description
    command.addOption(flag)
    if (name === 'frozen')
      command.addOption(new Option('--no-frozen', 'Predict missing mattes, also if CI is set.'))
  }
}

/** Core's config for the settings of a command. */
export function toConfig(settings: Settings, note: (line: string) => void): Config {
  const { download, weightsPrecision, modelsDir, substitute, quality, mattes, frozen } = settings
  const { threads, executionProviders, memory, concurrency } = settings
  const { maxBytes, maxPixels, allowSvg: svg, timeoutMs } = settings
  const howItWorks = { threads, executionProviders, memory, concurrency, maxBytes, maxPixels, svg, timeoutMs }
  // The messages contain those of stores and systems.
  const write = (line: string) => note(abbreviate(line, MAX_LINE))
  const logger = { info: write, warn: write }
  const matteFields = { quality, mattes, frozen }
  const cacheDir = findCacheDir(settings)
  return {
    logger,
    modelsDir,
    substitute,
    download,
    weightsPrecision,
    ...matteFields,
    ...howItWorks,
    cacheDir,
  }
}

/** Folder of the cache: the value of the flag; inside a package core's default; elsewhere the user's cache folder. */
export function findCacheDir({ cacheDir }: Settings): string {
  if (cacheDir) return cacheDir
  const projectDir = defaultCacheDir(process.cwd())
  // A cache is not created in a folder of photographs unless the user asks for it.
  const isWanted = process.env.NOBG_CACHE_DIR || basename(projectDir) !== '.nobg-cache'
  return isWanted ? projectDir : userDir('cache')
}

/** Absolute paths of the folders in which nobg keeps files: the cache, the models and the mattes. */
export function findOwnFolders(settings: Settings): string[] {
  const { modelsDir = process.env.NOBG_MODELS_DIR } = settings
  const mattes = findMattesDir(settings)
  return [findCacheDir(settings), modelsDir, mattes].flatMap(folder => (folder ? [resolve(folder)] : []))
}

/** Folder of kept mattes: the value of the flag, or of the variable. */
function findMattesDir({ mattes }: Settings): string | undefined {
  return mattes ?? (process.env.NOBG_MATTES || undefined)
}
