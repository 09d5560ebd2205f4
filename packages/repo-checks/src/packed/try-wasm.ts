import { rm } from 'node:fs/promises'
import { glob } from 'tinyglobby'
import type { Registry } from '../install-matrix/registry.ts'
import { type InstalledExample, installExample } from './install-example.ts'
import { readCutouts } from './read-cutouts.ts'

/** A WebAssembly build of a bundler. */
interface WasmBuild {
  /** What npm installs. */
  package: string
  /** The package that has the same version, if npm would not find it. */
  versionOf?: string
}

const ROLLDOWN = { package: '@rolldown/binding-wasm32-wasi', versionOf: 'rolldown' }
const RSPACK = { package: '@rspack/binding-wasm32-wasi', versionOf: '@rspack/core' }

/** The examples, with the WebAssembly builds that replace the native bundler of each. */
export const WASM_EXAMPLES: Readonly<Record<string, readonly WasmBuild[]>> = {
  vite: [ROLLDOWN],
  mattes: [ROLLDOWN],
  astro: [],
  webpack: [],
  rspack: [RSPACK],
  rsbuild: [RSPACK],
  rollup: [{ package: 'rollup@npm:@rollup/wasm-node' }],
  rolldown: [ROLLDOWN],
  esbuild: [{ package: 'esbuild@npm:esbuild-wasm' }],
  vitepress: [],
}

/** The native packages of nobg, sharp and the bundlers, and the embedded model: a build with kept mattes does not need them. */
const REMOVED = [
  'node_modules/@nobg/runtime-*',
  'node_modules/@nobg/u2netp',
  'node_modules/onnxruntime-*',
  'node_modules/**/@img/sharp-*',
  // @rollup/wasm-node lists this package, and does not use it.
  'node_modules/@napi-rs/lzma-*',
]
const KEPT = ['node_modules/**/@img/sharp-wasm32', 'node_modules/@*/binding-wasm32-wasi']

/** Libraries and programs that are native code. */
const NATIVE_FILES = ['node_modules/**/*.node', 'node_modules/**/@esbuild/*/bin/*']

/** The result of an example. */
export interface WasmRow {
  name: string
  /** Number of cutouts. */
  cutouts: number
  /** Packages of the native files that are left. */
  native: string[]
  failure?: string
}

/** Builds an example natively and without native code of nobg and sharp, and compares the bytes of the cutouts. */
export async function tryWasm(
  name: string,
  builds: readonly WasmBuild[],
  folder: string,
  registry: Registry,
): Promise<WasmRow> {
  const row: WasmRow = { name, cutouts: 0, native: [] }
  try {
    const example = await installExample(folder, name, registry)
    await example.build('build')
    const expected = await readCutouts(example.path('dist'))
    row.cutouts = expected.size
    await removeNativeCode(example, builds)
    row.native = await listNativePackages(example)
    // If no native file is left, Node may refuse to load any.
    await example.build('build', row.native.length === 0 ? { NODE_OPTIONS: '--no-addons' } : {})
    row.failure = compare(expected, await readCutouts(example.path('dist')))
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as Partial<Record<string, string>>
    row.failure = [message, stderr, stdout].join('\n').slice(0, 4000)
  }
  return row
}

async function removeNativeCode(example: InstalledExample, builds: readonly WasmBuild[]): Promise<void> {
  const cwd = example.path('.')
  const packages = [`@img/sharp-wasm32@${await example.readVersion('sharp')}`]
  const removed = [...REMOVED]
  for (const { package: name, versionOf } of builds) {
    packages.push(versionOf ? `${name}@${await example.readVersion(versionOf)}` : name)
    if (versionOf) removed.push(`node_modules/${name.replace('wasm32-wasi', '*')}`)
  }
  // The builds name the processor wasm32, which npm refuses elsewhere.
  await example.npm('install', '--no-save', '--force', '--no-audit', '--no-fund', ...packages)
  const folders = await glob(removed, { cwd, ignore: KEPT, onlyDirectories: true, expandDirectories: false })
  for (const folder of folders) await rm(example.path(folder), { recursive: true, force: true })
}

/** The names of the packages that have native files. */
async function listNativePackages(example: InstalledExample): Promise<string[]> {
  const files = await glob(NATIVE_FILES, { cwd: example.path('.'), dot: true })
  const names = files.map(file => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file)
  return [...new Set(names)].sort()
}

/** Says how the cutouts of two builds differ; undefined if they are equal. */
function compare(
  expected: ReadonlyMap<string, string>,
  got: ReadonlyMap<string, string>,
): string | undefined {
  if (expected.size === 0) return 'Expected cutouts, got none.'
  const names = new Set([...expected.keys(), ...got.keys()])
  const different = [...names].filter(name => expected.get(name) !== got.get(name))
  return different.length > 0 ? `Expected equal bytes, got others in ${different.join(', ')}.` : undefined
}

/** Writes the page of the last result, in Markdown. */
export function writeWasmPage(rows: readonly WasmRow[], date: string): string {
  const lines = rows.map(({ name, cutouts, native, failure }) => {
    const link = `[${name}](../examples/${name})`
    const open = `[open](https://stackblitz.com/github/nobg/nobg/tree/main/examples/${name})`
    const left = native.length > 0 ? native.map(text => `\`${text}\``).join(', ') : 'none'
    return `| ${[link, cutouts, failure ? 'no' : 'yes', left, open].join(' | ')} |`
  })
  return [
    '# StackBlitz and other WebContainers',
    '',
    '<!-- Written by packages/repo-checks/src/wasm-only.ts. -->',
    '',
    'A WebContainer runs Node in a browser tab and loads no native code. An example with kept mattes needs no model there: only sharp',
    'runs, in its WebAssembly build.',
    '',
    `Last run: ${date}, ${process.platform}-${process.arch}, Node ${process.versions.node}. A script copies each example into an empty`,
    'folder, installs it with npm and with the packed packages of nobg, and builds it. Then the script replaces the binary of sharp by',
    'its WebAssembly build, deletes `@nobg/runtime-*`, `onnxruntime-node` and `@nobg/u2netp`, builds again with an empty cache, and compares the',
    'bytes of the cutouts.',
    '',
    '| example | cutouts | equal bytes | native packages that are left | StackBlitz |',
    '|---|---|---|---|---|',
    ...lines,
    '',
    'The bundler runs in its WebAssembly build, too, unless the table names its native package. If no native package is left, the second',
    'build runs with `node --no-addons`, which refuses native code.',
    '',
    '**StackBlitz itself was not tried.** A WebContainer may differ from this check. The examples start there with',
    '`npm install --cpu=wasm32`, which installs the WebAssembly builds of sharp and of the bundler.',
    '',
  ].join('\n')
}
