import { availableParallelism } from 'node:os'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import type { RuntimeReport } from './session-types.ts'

/** The API of ONNX Runtime, which is the same in all its packages. */
export type OnnxRuntime = typeof import('onnxruntime-node')

/** A loaded package of ONNX Runtime. */
export interface LoadedRuntime extends RuntimeReport {
  ort: OnnxRuntime
}

/** Set to `wasm` to run the WebAssembly build. */
const VARIABLE = 'NOBG_RUNTIME'

const WASM_PACKAGE = 'onnxruntime-web'

const INSTALL_AGAIN =
  'Or, on Linux with glibc, on Windows and on macOS with Apple silicon, install again on the machine that runs nobg: npm i --include=optional'

/** The package of this system's binaries. It exists for the systems that onnxruntime-node has binaries for. */
const PLATFORM_PACKAGE = `@nobg/runtime-${process.platform}-${process.arch}`

/**
 * Loads ONNX Runtime from the first package that works: onnxruntime-node, which only users install; the package of this
 * system; the WebAssembly build.
 *
 * @param threads threads of one inference; 0 means all cores. Only the WebAssembly build reads it here.
 * @throws {NobgError} INFERENCE_FAILED if no package works
 * @throws {NobgError} INVALID_OPTION if `NOBG_RUNTIME` has a value other than `wasm`
 */
export async function loadRuntime(
  threads: number,
  load: (name: string) => Promise<OnnxRuntime> = name => import(name),
): Promise<LoadedRuntime> {
  const failures: string[] = []
  for (const name of listPackages(process.env[VARIABLE])) {
    try {
      const ort = await load(name)
      // The WebAssembly build takes the number of threads once for all sessions.
      if (name === WASM_PACKAGE) ort.env.wasm.numThreads = threads || availableParallelism()
      const { node, web } = ort.env.versions
      return { ort, name, version: node ?? web ?? '', isWasm: name === WASM_PACKAGE, failures }
    } catch (error) {
      if (!isMissing(error, name)) failures.push(`${name}: ${firstLineOf(error)}`)
    }
  }
  throw noRuntime(failures)
}

function listPackages(value: string | undefined): string[] {
  if (!value) return ['onnxruntime-node', PLATFORM_PACKAGE, WASM_PACKAGE]
  if (value === 'wasm') return [WASM_PACKAGE]
  throw new NobgError('INVALID_OPTION', `Expected ${VARIABLE} to be 'wasm' or not set, got '${value}'.`, {
    hint: `Set ${VARIABLE}=wasm to run onnxruntime-web, or unset it.`,
  })
}

/** Whether the package itself is not installed, as opposed to one of its files or dependencies. */
function isMissing(error: unknown, name: string): boolean {
  const { code = '' } = error as NodeJS.ErrnoException
  return /^(?:ERR_)?MODULE_NOT_FOUND$/.test(code) && firstLineOf(error).includes(name)
}

function noRuntime(failures: readonly string[]): NobgError {
  const expected = `Expected ONNX Runtime for ${process.platform}-${process.arch}`
  const isForced = process.env[VARIABLE] === 'wasm'
  const missing = isForced ? `no package ${WASM_PACKAGE}` : `neither ${PLATFORM_PACKAGE} nor ${WASM_PACKAGE}`
  return new NobgError(
    'INFERENCE_FAILED',
    failures.length > 0 ? [`${expected}, got:`, ...failures].join('\n  ') : `${expected}, got ${missing}.`,
    {
      hint: `Install the WebAssembly build: npm i -D ${WASM_PACKAGE}${isForced ? '' : `. ${INSTALL_AGAIN}`}`,
    },
  )
}
