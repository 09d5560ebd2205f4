import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { slash } from '../references/slash.ts'

/** The packages that remove backgrounds on a running server. A build alone needs no files of them. */
const RUNTIME_PACKAGES = ['@nobg/core', '@nobg/sharp', '@nobg/server']

/** The packages of ONNX Runtime that core loads if they are installed. */
const RUNTIMES = ['onnxruntime-node', `@nobg/runtime-${process.platform}-${process.arch}`, 'onnxruntime-web']

/** JavaScript, native binaries, and the WebAssembly build that Node runs. The other builds of onnxruntime-web are for browsers. */
const RUNTIME_FILES = [
  'package.json',
  'dist/{index,backend,binding,version}.js',
  'dist/common/*.js',
  'dist/ort.node.min.{js,mjs}',
  'dist/ort-wasm-simd-threaded.{mjs,wasm}',
  `bin/*/${process.platform}/${process.arch}/*`,
]

/**
 * Lists the files that Next's tracing does not find, because their names are computed at run time: core's workers, ONNX
 * Runtime (every installed package that core may load, for this platform), and the weights of the embedded model. `output: 'standalone'`, and hosts that deploy each route
 * separately, need them.
 *
 * @returns globs, relative to the project; none if the project's `dependencies` contain no such package.
 */
export function listTracedFiles(projectDir: string): string[] {
  const direct = readDependencies(projectDir).find(name => RUNTIME_PACKAGES.includes(name))
  const first = direct && findPackage(projectDir, direct)
  const core = first && (direct === '@nobg/core' ? first : findPackage(realpathSync(first), '@nobg/core'))
  if (!core) return []
  // Next copies a package to its real path, and the files of a glob to the path in the glob. So each package is searched from
  // the place where Node will search it.
  const from = realpathSync(core)
  const runtimes = RUNTIMES.flatMap(name => findPackage(from, name) ?? [])
  const commons = runtimes.flatMap(runtime => findPackage(runtime, 'onnxruntime-common') ?? [])
  const weights = findPackage(from, '@nobg/u2netp')
  const globs = [
    `${from}/{dist,src}/**/*`,
    ...runtimes.flatMap(runtime => RUNTIME_FILES.map(glob => `${runtime}/${glob}`)),
    ...new Set(commons.map(common => `${common}/{package.json,dist/**/*}`)),
    weights && `${weights}/{package.json,weights/*}`,
  ]
  return globs.filter(glob => glob !== undefined).map(glob => slash(relative(projectDir, glob)))
}

function readDependencies(projectDir: string): string[] {
  try {
    return Object.keys(JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')).dependencies ?? {})
  } catch {
    return []
  }
}

/** Finds a package's folder as Node does, without resolving symbolic links. */
function findPackage(from: string, name: string): string | undefined {
  const folder = join(from, 'node_modules', name)
  if (existsSync(folder)) return folder
  return dirname(from) === from ? undefined : findPackage(dirname(from), name)
}
