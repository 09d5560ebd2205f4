import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, createLogger, type InlineConfig, type Logger, mergeConfig, type PluginOption } from 'vite'
import nobg, { type Options } from '../../src/vite.ts'
import { testOptions } from './cache-dir.ts'
import type { Project } from './project.ts'

/** The plugin with options for tests: enabled in Vitest, with the small model. */
export function testNobg(options: Options = {}): ReturnType<typeof nobg> {
  return nobg({ ...testOptions, ...options })
}

/** The files and the log of a build. */
export interface BuildResult {
  /** Names of the emitted files, sorted. */
  names: string[]
  /** Reads the emitted file of a URL. */
  follow(url: string): Promise<Buffer>
  /** The exports of the entry `src/main.js`. */
  run<Exports = Record<string, string>>(): Promise<Exports>
  log: string
}

/**
 * Builds a project into `dist`: the page `index.html` if `page` is set, otherwise the module `src/main.js`.
 * Assets are not inlined by default.
 */
export async function buildProject(
  project: Project,
  {
    plugins = [testNobg()],
    page = false,
    config = {},
  }: { plugins?: PluginOption[]; page?: boolean; config?: InlineConfig } = {},
): Promise<BuildResult> {
  const log: string[] = []
  const entry = {
    input: project.path('src/main.js'),
    preserveEntrySignatures: 'strict',
    output: { entryFileNames: 'main.js' },
  } as const
  const base: InlineConfig = {
    root: project.root,
    configFile: false,
    logLevel: 'silent',
    customLogger: captureLogger(log),
    plugins,
    build: {
      minify: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      ...(!page && { rolldownOptions: entry }),
    },
  }
  await build(mergeConfig(base, config))
  const dist = project.path('dist')
  return {
    names: (await readdir(dist, { recursive: true })).sort(),
    follow: url => readFile(join(dist, decodeURI(new URL(url, 'http://x').pathname))),
    run: () => import(`${pathToFileURL(join(dist, 'main.js'))}?${Math.random()}`),
    log: log.join('\n'),
  }
}

/** The message of a build that must fail, without colors and with the project's folder as `.`. */
export async function failBuild(...args: Parameters<typeof buildProject>): Promise<string> {
  const error: unknown = await buildProject(...args).then(
    () => undefined,
    reason => reason,
  )
  if (!(error instanceof Error)) throw new Error('expected the build to fail')
  return stripColors(error.message).replaceAll(args[0].root, '.')
}

function stripColors(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a color is an escape sequence
  return text.replace(/\u001b\[\d+m/g, '')
}

/** A logger that keeps its lines, without colors. */
export function captureLogger(log: string[]): Logger {
  const keep = (line: string) => void log.push(stripColors(line))
  return { ...createLogger('silent'), info: keep, warn: keep, warnOnce: keep, error: keep }
}
