import { randomUUID } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'

const workspace = resolve(import.meta.dirname, '../../../..')
export const EXAMPLES = join(workspace, 'examples')
/** Files and folders that a build creates; not part of a checkout. */
const MADE = new Set(['node_modules', 'dist', '.next', '.astro', '.nobg-cache', 'cutouts'])

/** A copy of an example with installed dependencies and without build output. */
export interface Checkout {
  root: string
  path(file: string): string
  /** Writes a picture at once: a watcher that reads half a picture reports an error. */
  replace(file: string, content: string | Uint8Array): Promise<void>
  /** Runs Node or a program of the dependencies. */
  run(command: string, ...words: string[]): Promise<Run>
  /** Removes kept mattes, the cache and the output. */
  forget(): Promise<void>
  remove(): Promise<void>
}

/** Result of a program. */
interface Run {
  failed: boolean
  /** stdout and stderr, without colors. */
  output: string
  /** Whether a process of the program loaded ONNX Runtime. */
  usedModel: boolean
}

/** Copies an example to a new folder, with an empty cache. */
export async function checkOut(example: string): Promise<Checkout> {
  const original = join(EXAMPLES, example)
  // Inside the repository, because Turbopack follows no link that leads out; as deep as the example, because of `extends`.
  const root = join(workspace, '.conformance', `${example}-${randomUUID().slice(0, 8)}`)
  await cp(original, root, { recursive: true, filter: path => !MADE.has(basename(path)) })
  await symlink(join(original, 'node_modules'), join(root, 'node_modules'))
  const checkout: Checkout = {
    root,
    path: file => join(root, file),
    async replace(file, content) {
      const part = join(root, `.${randomUUID()}`)
      await writeFile(part, content)
      await rename(part, join(root, file))
    },
    run: (command, ...words) => run(checkout, command, words),
    async forget() {
      for (const name of ['mattes', ...MADE])
        if (name !== 'node_modules') await rm(join(root, name), { recursive: true, force: true })
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
  return checkout
}

async function run(checkout: Checkout, command: string, words: string[]): Promise<Run> {
  const log = checkout.path(`model-${randomUUID()}.log`)
  const { cwd, env, ...options } = environmentOf(checkout)
  const { failed, all } = await execa(command, words, {
    ...options,
    cwd,
    env: {
      ...env,
      NODE_OPTIONS: `--require=${resolve(import.meta.dirname, 'note-model.cjs')}`,
      NOBG_TEST_MODEL_LOG: log,
    },
    all: true,
    reject: false,
  })
  return { failed, output: all, usedModel: (await readFile(log).catch(() => '')).length > 0 }
}

/** Options of the programs of a checkout: their own cache, and no variables of the test runner. */
export function environmentOf({ root }: Checkout) {
  const env = {
    NOBG_CACHE_DIR: '.nobg-cache',
    NOBG: undefined,
    VITEST: undefined,
    NODE_ENV: undefined,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    CI: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
  }
  return { cwd: root, env, preferLocal: true, localDir: root } as const
}

/** Absolute paths of the photographs below a folder. */
export function listPhotos(root: string): Promise<string[]> {
  const ignore = [...MADE, 'mattes'].map(name => `**/${name}/**`)
  return glob('**/*.{jpg,png}', { cwd: root, absolute: true, ignore })
}

/** Absolute paths of all files below a folder, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}
