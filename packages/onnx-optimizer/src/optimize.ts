import { OnnxOptimizerError } from './errors.ts'
import { openExternalFiles } from './external.ts'
import { readModel } from './read-model.ts'
import { Refusal } from './refusal.ts'
import { type OptimizeOptions, rewriteModel } from './rewrite-model.ts'
import { WireFile } from './wire-file.ts'
import { countBytes, type Piece, writePieces } from './write-pieces.ts'

/**
 * Version of the optimizer. It is raised when the same source gives another target.
 *
 * @public
 */
export const GRAPH_VERSION = 7

/** The result: data of the new file, or the reason why the graph stays as it is. */
export type OptimizeResult =
  | {
      changed: true
      /** sha256 of the new file, 64 hex digits. */
      sha256: string
      /** Size of the new file in bytes. */
      bytes: number
      /** Number of deformable convolutions that became native. */
      deformConvs: number
      /** Whether float16 values became float32. */
      widened: boolean
    }
  | {
      changed: false
      /** Why the graph stays as it is: a clause without a period. If a node differs, the clause names the node. */
      reason: string
    }

/**
 * Optimizes an ONNX graph without changing its results. Decomposed deformable convolutions become native (see
 * `matchDeformConv`). Unused outputs, nodes and constants are removed. BiRefNet then takes half the time and a fifth of the
 * memory. float16 becomes float32 (see `widenModel`), which is faster on a CPU, but rounds less.
 *
 * If one deformable convolution does not match the pattern exactly, the whole graph stays as it is.
 *
 * ```
 * read structure ─► find what the outputs need ─► match each site, check each number ─► raise the opset ─► copy what is kept
 * ```
 *
 * Memory: the structure, some 100 MB for the 16 000 nodes of BiRefNet. Tensors are copied from file to file. Tensors in
 * other files are moved into the new file.
 *
 * @param source path of an .onnx file; the files with its tensors are next to it
 * @param target path of the new file; an existing file is replaced by the whole new file, or stays if writing fails
 * @throws {OnnxOptimizerError} SOURCE_UNREADABLE, TARGET_UNWRITABLE
 * @throws the signal's reason after an abort
 */
export async function optimizeGraph(
  source: string,
  target: string,
  options: OptimizeOptions = {},
): Promise<OptimizeResult> {
  const external = openExternalFiles(source)
  let file: WireFile | undefined
  try {
    file = await WireFile.open(source)
    const model = await readModel(file, options.signal)
    const { pieces, ...counts } = await rewriteModel(model, external, options)
    const sha256 = await write(pieces, target, options.signal)
    return { changed: true, sha256, bytes: countBytes(pieces), ...counts }
  } catch (error) {
    if (error instanceof Refusal) return { changed: false, reason: error.message }
    throw options.signal?.aborted || error instanceof OnnxOptimizerError ? error : unreadable(source, error)
  } finally {
    await file?.close()
    await external.close()
  }
}

async function write(pieces: Piece[], target: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await writePieces(pieces, target, signal)
  } catch (error) {
    if (signal?.aborted || error instanceof Refusal) throw error
    throw new OnnxOptimizerError(
      'TARGET_UNWRITABLE',
      `Expected to write ${target}, got: ${(error as Error).message}.`,
      'Check that the folder exists, is writable and has enough free space.',
      error,
    )
  }
}

function unreadable(source: string, cause: unknown): OnnxOptimizerError {
  return new OnnxOptimizerError(
    'SOURCE_UNREADABLE',
    `Expected to read ${source}, got: ${(cause as Error).message}.`,
    'Check the path and the permissions of the file.',
    cause,
  )
}
