import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { slash } from '../references/slash.ts'

/** The packages with which a server removes backgrounds while it runs; a build alone needs none of their files. */
const RUNTIME_PACKAGES = ['@nobg/core', '@nobg/sharp', '@nobg/server']

/**
 * The files that Next's tracing does not find by itself, because they are named at run time: core's workers, ONNX Runtime
 * for this platform, and the weights of the embedded model. They are needed by `output: 'standalone'` and by hosts that
 * take each route by itself.
 *
 * @returns globs, relative to the project; none where the project's `dependencies` name no such package.
 */
export function listTracedFiles(projectDir: string): string[] {
  const direct = readDependencies(projectDir).find(name => RUNTIME_PACKAGES.includes(name))
  const first = direct && findPackage(projectDir, direct)
  const core = first && (direct === '@nobg/core' ? first : findPackage(realpathSync(first), '@nobg/core'))
  if (!core) return []
  // Next copies a package under its real path, and what is named here under the path that is named. So each is looked
  // for as Node will look for it from there.
  const from = realpathSync(core)
  const runtime = findPackage(from, 'onnxruntime-node')
  const common = runtime && findPackage(runtime, 'onnxruntime-common')
  const weights = findPackage(from, '@nobg/u2netp')
  const globs = [
    `${from}/{dist,src}/**/*`,
    runtime && `${runtime}/{package.json,dist/**/*}`,
    runtime && `${runtime}/bin/*/${process.platform}/${process.arch}/*`,
    common && `${common}/{package.json,dist/**/*}`,
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

/** A package's folder as Node finds it from another folder, symbolic links left as they are. */
function findPackage(from: string, name: string): string | undefined {
  const folder = join(from, 'node_modules', name)
  if (existsSync(folder)) return folder
  return dirname(from) === from ? undefined : findPackage(dirname(from), name)
}
