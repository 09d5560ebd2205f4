import { basename } from 'node:path'
import { type Config, defaultCacheDir, userDir } from '@nobg/core'
import { type Command, InvalidArgumentError, Option } from 'commander'

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

/** Gives a command the named flags of the engine. */
export function addSettingFlags(command: Command, names: readonly (keyof Settings)[]): void {
  command.optionsGroup('How nobg works:')
  for (const name of names) command.addOption(flags[name]())
}

/** Core's config for the settings of a command. */
export function toConfig(settings: Settings, note: (line: string) => void): Config {
  const { download, modelsDir, substitute, threads, executionProviders, memory, concurrency } = settings
  const howItWorks = { threads, executionProviders, memory, concurrency }
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

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 to 9999.')
}
