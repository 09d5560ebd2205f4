import { randomUUID } from 'node:crypto'
import { cp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'

const workspace = resolve(import.meta.dirname, '../../../..')
/** Made when an example is built or used; never part of a checkout. */
const MADE = new Set(['node_modules', 'dist', '.next', '.astro', '.nobg-cache', 'cutouts'])

/** An example as somebody has just cloned it, with its dependencies installed and with nothing built. */
export interface Checkout {
  root: string
  path(file: string): string
  /** Runs a program of the example's dependencies, or Node. */
  run(command: string, ...words: string[]): Promise<Run>
  remove(): Promise<void>
}

/** What a program did. */
interface Run {
  failed: boolean
  /** Both streams, without colours. */
  output: string
  /** Whether ONNX Runtime was loaded in any of its processes. */
  usedModel: boolean
}

/** Copies an example to a folder of its own, with a cache of its own. */
export async function checkOut(example: string): Promise<Checkout> {
  const original = join(workspace, 'examples', example)
  // In the workspace, and as deep as the example: Turbopack follows no link that leads out, and a tsconfig extends another.
  const root = join(workspace, '.conformance', `${example}-${randomUUID().slice(0, 8)}`)
  await cp(original, root, { recursive: true, filter: path => !MADE.has(basename(path)) })
  await symlink(join(original, 'node_modules'), join(root, 'node_modules'))
  const checkout: Checkout = {
    root,
    path: file => join(root, file),
    run: (command, ...words) => run(checkout, command, words),
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

/** Where and how programs of a checkout run: with a cache of their own, and as if there were no test around them. */
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

/** The photographs of an example in a folder: absolute paths. */
export function listPhotos(root: string): Promise<string[]> {
  const ignore = [...MADE].map(name => `**/${name}/**`)
  return glob('**/*.{jpg,png}', { cwd: root, absolute: true, ignore })
}

/** Every file below a folder: absolute paths, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}
