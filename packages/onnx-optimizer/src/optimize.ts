import { assembleModel, isKept } from './assemble-model.ts'
import { isSplit } from './encode-deform-conv.ts'
import { OnnxOptimizerError } from './errors.ts'
import { type ExternalFiles, openExternalFiles } from './external.ts'
import { findDeformConvs, isGather } from './find-sites.ts'
import { foldProjections } from './fold-projections.ts'
import type { DeformConv } from './match-deform-conv.ts'
import { expectRaisable } from './opset.ts'
import { joinPieces } from './piece-source.ts'
import { findNeeded } from './prune.ts'
import { type OnnxGraph, type OnnxModel, readModel } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { Refusal, refuse } from './refusal.ts'
import { splitConvs } from './split-convs.ts'
import { indexValues } from './values.ts'
import { hasFloat16, widenModel } from './widen.ts'
import { WireFile } from './wire-file.ts'
import { countBytes, type Piece, writePieces } from './write-pieces.ts'

/**
 * Version of the optimizer. It is raised when the same source gives another target.
 *
 * @public
 */
export const GRAPH_VERSION = 3

/** Options of `optimizeGraph`. */
export interface OptimizeOptions {
  /** Names of the outputs to keep. Default: all. */
  outputs?: readonly string[]
  /**
   * Maximum size of the buffer into which a deformable convolution writes all samples, bytes. A larger convolution is split
   * by its input channels. Default: 256 MiB.
   */
  columnBytes?: number
  /** Stops the call, which rejects with the signal's reason. */
  signal?: AbortSignal
}

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

async function rewriteModel(
  source: OnnxModel,
  external: ExternalFiles,
  { outputs, columnBytes = 2 ** 28, signal }: OptimizeOptions,
): Promise<{ pieces: Piece[]; deformConvs: number; widened: boolean }> {
  signal?.throwIfAborted()
  const widened = hasFloat16(source.graph)
  const model = widened ? await reread(await widenModel(source, external), signal) : source
  const wanted = chooseOutputs(model.graph.outputs, outputs)
  const { pieces, deformConvs } = await rewriteSites(model, external, wanted, columnBytes, signal)
  // The splits see native nodes and moved projections.
  const rewritten = pieces ? await reread(pieces, signal) : model
  const replaced = await splitConvs(rewritten, external)
  if (replaced.size === 0) return { pieces: pieces ?? expectWidened(model, widened), deformConvs, widened }
  const inputsOf = (node: GraphNode) => replaced.get(node)?.inputs ?? node.inputs
  const needed = findNeeded(rewritten.graph, wanted, inputsOf)
  const plan = { needed, outputs: wanted, deformConvs: new Map(), replaced, columnBytes }
  return { pieces: await assembleModel(rewritten, plan, external), deformConvs, widened }
}

/** Returns the pieces of a model that is only widened. @throws {Refusal} if it is not even that */
function expectWidened({ fields }: OnnxModel, widened: boolean): Piece[] {
  return widened ? fields.map(({ whole }) => whole) : refuse('there is nothing to optimize')
}

/** Makes deformable convolutions native, moves projections, and drops unused parts. @returns no pieces if nothing changes */
async function rewriteSites(
  model: OnnxModel,
  external: ExternalFiles,
  wanted: readonly string[],
  columnBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ pieces?: Piece[]; deformConvs: number }> {
  const { graph } = model
  const values = indexValues(graph)
  const live = [...findNeeded(graph, wanted).nodes]
  const sites = await findDeformConvs(graph, values, live, external, signal)
  const replaced = await foldProjections(model, values, live, knownShapes(graph, sites), external)
  const needed = findNeeded(
    graph,
    wanted,
    node => replaced.get(node)?.inputs ?? readsOf(node, sites, columnBytes),
  )
  const kept = [...needed.nodes]
  const left = kept.find(isGather)
  if (left) refuse(`${describeNode(left)} is read by a node outside of a deformable convolution`)
  if (sites.size > 0) expectRaisable(model.opset, kept)
  const plan = { needed, outputs: wanted, deformConvs: sites, replaced, columnBytes }
  const isWhole = graph.items.every(item => isKept(item, model, plan))
  if (isWhole && sites.size === 0 && replaced.size === 0) return { deformConvs: 0 }
  return { pieces: await assembleModel(model, plan, external), deformConvs: sites.size }
}

/** Returns the shapes that the file tells, and those of the deformable convolutions. */
function knownShapes(graph: OnnxGraph, sites: Map<GraphNode, DeformConv>): Map<string, number[]> {
  const shapes = new Map(graph.shapes)
  for (const { conv, weights, grid } of sites.values()) {
    const { batch, height, width } = grid.size
    shapes.set(conv.outputs[0], [batch, weights.dims[0], height, width])
  }
  return shapes
}

/** Returns the values that the new graph reads for a node. A split convolution has weights of its own. */
function readsOf(node: GraphNode, sites: Map<GraphNode, DeformConv>, columnBytes: number): string[] {
  const site = sites.get(node)
  if (!site) return node.inputs
  return isSplit(site, columnBytes) ? site.inputs.with(1, '') : site.inputs
}

/** Reads a model that is not written yet. Its bytes are made when they are read. */
function reread(pieces: Piece[], signal: AbortSignal | undefined): Promise<OnnxModel> {
  return readModel(new WireFile(joinPieces(pieces)), signal)
}

function chooseOutputs(all: string[], asked: readonly string[] = all): readonly string[] {
  const missing = asked.find(name => !all.includes(name))
  if (missing !== undefined) refuse(`the graph has no output ${missing}, only ${all.join(', ')}`)
  return asked.length > 0 ? asked : refuse('no output is requested')
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
