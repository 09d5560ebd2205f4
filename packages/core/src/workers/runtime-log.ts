import { debuglog } from 'node:util'
import type { RuntimeReport } from '../models/session-types.ts'
import type { Logger } from '../shared/types.ts'

const debug = debuglog('nobg')

/**
 * Returns a function that logs, once per package, which package of ONNX Runtime runs: a warning for each package that failed
 * to load, a line if the slower WebAssembly build replaces a native one, and the name for `NODE_DEBUG=nobg`.
 */
export function createRuntimeLog(logger: Logger): (runtime: RuntimeReport) => void {
  const logged = new Set<string>()
  return ({ name, version, isWasm, failures }) => {
    if (logged.has(name)) return
    logged.add(name)
    debug(`inference runs on ${name} ${version}`)
    for (const failure of failures) logger.warn(`nobg: a package of ONNX Runtime does not load: ${failure}`)
    if (isWasm && process.env.NOBG_RUNTIME !== 'wasm')
      logger.info(
        `nobg: no native ONNX Runtime for ${process.platform}-${process.arch}: inference runs on ${name}, which is slower.`,
      )
  }
}
