import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa, type Options } from 'execa'
import sharp from 'sharp'
import { afterAll, vi } from 'vitest'
import { run } from '../../src/run.ts'

const photos = resolve(import.meta.dirname, '../../../unplugin/test/fixtures/photos')

/** Path of the program. */
export const program = resolve(import.meta.dirname, '../../src/bin.ts')

/** A folder to run commands in. The workspaces of a test file share a cache, so each photograph is inferred once. */
export interface Workspace {
  dir: string
  path(...names: string[]): string
  /** Copies one of the two photographs to these paths. */
  put(photo: 'cat' | 'astronaut', ...places: string[]): void
  /** All files, sorted, with / between folders. */
  list(): string[]
  /** Runs a command line in this process: starting the program takes a second. */
  run(words: string[], env?: Record<string, string>): Promise<Ran>
  /** Starts the program: for tests of `bin.ts`, of stdin, and of a new process. */
  start(words: string[], options?: Options): Promise<Ran>
}

interface Ran {
  code: number | undefined
  stdout: string
  stderr: string
}

const createdDirs: string[] = []

afterAll(() => {
  for (const dir of createdDirs) rmSync(dir, { recursive: true, force: true })
})

/** A new folder, removed after the tests of the file. */
export function makeDir(): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'nobg-cli-'))
  createdDirs.push(dir)
  return dir
}

const cacheDir = makeDir()

/** Environment of the program: the embedded model, a temporary cache, no settings of the user. */
export const environment = {
  NOBG_SUBSTITUTE: 'u2netp',
  NOBG_CACHE_DIR: cacheDir,
  NOBG_MODELS_DIR: join(cacheDir, 'models'),
  NODE_OPTIONS: '',
  // Types are stripped once for all starts of the program.
  NODE_COMPILE_CACHE: makeDir(),
  NO_COLOR: '1',
}

export function openWorkspace(): Workspace {
  const dir = makeDir()
  const path = (...names: string[]) => join(dir, ...names)
  return {
    dir,
    path,
    put(photo, ...places) {
      for (const place of places) {
        mkdirSync(dirname(path(place)), { recursive: true })
        cpSync(join(photos, `${photo}.jpg`), path(place))
      }
    },
    list: () => {
      const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
      const files = entries.filter(entry => !entry.isDirectory())
      return files
        .map(({ parentPath, name }) =>
          join(parentPath, name)
            .slice(dir.length + 1)
            .replaceAll('\\', '/'),
        )
        .sort()
    },
    run: (words, env) => runHere(words, dir, { ...environment, ...env }),
    async start(words, options = {}) {
      const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...words], {
        cwd: dir,
        reject: false,
        stdin: 'ignore',
        ...options,
        env: { ...environment, ...options.env },
      })
      return { code: exitCode, stdout: String(stdout), stderr: String(stderr) }
    },
  }
}

async function runHere(words: string[], dir: string, env: Record<string, string>): Promise<Ran> {
  const before = process.cwd()
  const output = { stdout: '', stderr: '' }
  const capture = (name: keyof typeof output) =>
    vi.spyOn(process[name], 'write').mockImplementation(text => {
      output[name] += text
      return true
    })
  const spies = [capture('stdout'), capture('stderr')]
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  process.chdir(dir)
  try {
    const code = await run(words, new AbortController().signal)
    return { code, stdout: output.stdout.trimEnd(), stderr: output.stderr.trimEnd() }
  } finally {
    process.chdir(before)
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}

/** Width, height, format and channels of a picture, decoded to its end. */
export async function inspect(picture: string | Uint8Array) {
  const { width, height, format, channels } = await sharp(picture).metadata()
  await sharp(picture).raw().toBuffer()
  return { width, height, format, channels }
}

/** Mean distance of two pictures of one size, 0 to 255 per channel. */
export async function distance(one: string | Uint8Array, other: string | Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(image => sharp(image).removeAlpha().raw().toBuffer()))
  if (a.length !== b.length) throw new Error(`expected equal sizes, got ${a.length} and ${b.length}`)
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length
}

/**
 * Options that start the program as a user to whom permissions apply. The folder is given to that user. Empty unless the tests
 * run as root.
 *
 * @returns undefined if root cannot start the program as another user
 */
export async function unprivileged(dir: string): Promise<Options | undefined> {
  if (process.getuid?.() !== 0) return {}
  const nobody = { uid: 65_534, gid: 65_534 }
  const env = { NOBG_CACHE_DIR: join(dir, '.cache'), NODE_COMPILE_CACHE: '', HOME: dir }
  chownSync(dir, nobody.uid, nobody.gid)
  const { failed } = await execa(process.execPath, [program, '--version'], { ...nobody, env, reject: false })
  return failed ? undefined : { ...nobody, env }
}
