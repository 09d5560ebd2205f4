import { basename, resolve } from 'node:path'
import type { Config } from '@nobg/core'
import { defaultCacheDir, userDir } from '@nobg/core/internal'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseNumber } from './flag-values.ts'

/** Where and how nobg works, as its flags say: nothing here changes a pixel. */
export interface Settings {
  cacheDir?: string
  /** False for `--no-cache`. */
  cache?: boolean
  modelsDir?: string
  substitute?: string
  /** False for `--no-download`. */
  download?: boolean
  threads?: number
  executionProviders?: Config['executionProviders']
  memory?: Config['memory']
  concurrency?: number
  maxBytes?: number
  maxPixels?: number
  timeoutMs?: number
}

const flags = {
  cacheDir: () => new Option('--cache-dir <folder>', 'Where mattes and cut-outs are cached.'),
  cache: () => new Option('--no-cache', 'Neither read nor write the cache.'),
  modelsDir: () => new Option('--models-dir <folder>', 'Where the weights of models are kept.'),
  substitute: () => new Option('--substitute <id>', 'Use this model in place of every other, for drafts.'),
  download: () => new Option('--no-download', 'Fail rather than download missing weights.'),
  threads: () => new Option('--threads <n>', 'Threads of one inference.').argParser(parseCount),
  executionProviders: () =>
    new Option(
      '--execution-providers <names>',
      'What runs the model, in order: webgpu,cpu (default: cpu).',
    ).argParser(text => text.split(',').map(name => name.trim())),
  memory: () => new Option('--memory <mode>', 'How freely memory is used: auto (default), low or fast.'),
  concurrency: () =>
    new Option('--concurrency <n>', 'Pictures worked on at the same time (default: 2).').argParser(
      parseCount,
    ),
  maxBytes: () =>
    new Option('--max-bytes <n>', 'Largest picture that is read (default: 256 MiB).').argParser(
      parseNumber(1),
    ),
  maxPixels: () =>
    new Option('--max-pixels <n>', 'Largest picture that is decoded (default: 100000000).').argParser(
      parseNumber(1),
    ),
  timeoutMs: () =>
    new Option(
      '--timeout-ms <n>',
      'Longest silence of a server (default: 60000) or of a pipe (default: none); 0 for none.',
    ).argParser(parseNumber(0)),
} satisfies Record<keyof Settings, () => Option>

/** What every command that runs a model can be told. */
export const modelSettings = [
  'threads',
  'executionProviders',
  'memory',
  'substitute',
  'download',
  'modelsDir',
  'cacheDir',
] as const satisfies readonly (keyof Settings)[]

/** What every command that reads pictures can be told as well. */
export const readSettings = [
  'maxBytes',
  'maxPixels',
  'timeoutMs',
] as const satisfies readonly (keyof Settings)[]

/** The flag that sets a field of core's config, such as `--max-bytes`; undefined if there is none. */
export function findSettingFlag(field: string): string | undefined {
  return Object.hasOwn(flags, field) ? flags[field as keyof Settings]().long : undefined
}

/** Gives a command the named flags of the engine. */
export function addSettingFlags(command: Command, names: readonly (keyof Settings)[]): void {
  command.optionsGroup('How nobg works:')
  for (const name of names) command.addOption(flags[name]())
}

/** Core's config for the settings of a command. */
export function toConfig(settings: Settings, note: (line: string) => void): Config {
  const { download, modelsDir, substitute, threads, executionProviders, memory, concurrency } = settings
  const { maxBytes, maxPixels, timeoutMs } = settings
  const howItWorks = { threads, executionProviders, memory, concurrency, maxBytes, maxPixels, timeoutMs }
  const logger = { info: note, warn: note }
  return { logger, modelsDir, substitute, download, ...howItWorks, cacheDir: findCacheDir(settings) }
}

/** The folder of the cache: the flag's, core's own inside a package, and the user's cache folder anywhere else. */
export function findCacheDir({ cacheDir }: Settings): string {
  if (cacheDir) return cacheDir
  const projectDir = defaultCacheDir(process.cwd())
  // A folder of photographs is no place for a cache, unless somebody has said so.
  const isWanted = process.env.NOBG_CACHE_DIR || basename(projectDir) !== '.nobg-cache'
  return isWanted ? projectDir : userDir('cache')
}

/** Absolute paths of the folders that hold files of nobg's own. */
export function findOwnFolders(settings: Settings): string[] {
  const { modelsDir = process.env.NOBG_MODELS_DIR } = settings
  return [findCacheDir(settings), ...(modelsDir ? [modelsDir] : [])].map(folder => resolve(folder))
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 to 9999.')
}
