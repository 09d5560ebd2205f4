import { assembleModel, isKept } from './assemble-model.ts'
import { encodeDeformConv, isSplit } from './encode-deform-conv.ts'
import type { Replacement } from './encode-projection.ts'
import type { ExternalFiles } from './external.ts'
import { findDeformConvs, isGather } from './find-sites.ts'
import { foldProjections } from './fold-projections.ts'
import { gatherRolls } from './gather-rolls.ts'
import type { DeformConv } from './match-deform-conv.ts'
import { expectRaisable } from './opset.ts'
import { joinPieces } from './piece-source.ts'
import { findNeeded } from './prune.ts'
import { type OnnxGraph, type OnnxModel, readModel } from './read-model.ts'
import { describeNode, type GraphNode } from './read-node.ts'
import { refuse } from './refusal.ts'
import { splitAttention } from './split-attention.ts'
import { splitConvs } from './split-convs.ts'
import { splitLaterals } from './split-laterals.ts'
import { splitMlps } from './split-mlps.ts'
import { splitWindows } from './split-windows.ts'
import { indexValues } from './values.ts'
import { hasFloat16, widenModel } from './widen.ts'
import { WireFile } from './wire-file.ts'
import type { Piece } from './write-pieces.ts'

/** Options of `optimizeGraph`. */
export interface OptimizeOptions {
  /** Names of the outputs to keep. Default: all. */
  outputs?: readonly string[]
  /**
   * Maximum size in bytes of the samples of a deformable convolution, and of the scores of an attention. A larger convolution
   * is split by its input channels, a larger attention by its windows. Default: 256 MiB.
   */
  bufferBytes?: number
  /** Stops the call, which rejects with the signal's reason. */
  signal?: AbortSignal
}

/**
 * Rewrites a model in two passes: the second one reads what the first one writes.
 *
 * @throws {Refusal} if the model cannot be rewritten, or if nothing would change
 */
export async function rewriteModel(
  source: OnnxModel,
  external: ExternalFiles,
  { outputs, bufferBytes = 2 ** 28, signal }: OptimizeOptions,
): Promise<{ pieces: Piece[]; deformConvs: number; widened: boolean }> {
  signal?.throwIfAborted()
  const widened = hasFloat16(source.graph)
  const model = widened ? await reread(await widenModel(source, external), signal) : source
  const wanted = chooseOutputs(model.graph.outputs, outputs)
  const { pieces, deformConvs } = await rewriteSites(model, external, wanted, bufferBytes, signal)
  let result = pieces
  // Each step sees the nodes of the step before.
  for (const step of [splitLaterals, replaceLayers, splitWindows]) {
    const current = result ? await reread(result, signal) : model
    const replaced = await step(current, external, bufferBytes)
    if (replaced.size > 0) result = await replaceNodes(current, replaced, wanted, external)
  }
  // A new name may exist already.
  if (result) indexValues((await reread(result, signal)).graph)
  return { pieces: result ?? expectWidened(model, widened), deformConvs, widened }
}

/** Finds layers that are computed in another way. @returns the replacement of each node that changes */
async function replaceLayers(
  model: OnnxModel,
  external: ExternalFiles,
  bufferBytes: number,
): Promise<Map<GraphNode, Replacement>> {
  return new Map([
    ...(await splitConvs(model, external)),
    ...(await splitMlps(model, external, bufferBytes)),
    ...(await splitAttention(model, external)),
    ...gatherRolls(model),
  ])
}

/** Replaces nodes, and drops what no output needs then. */
function replaceNodes(
  model: OnnxModel,
  replaced: Map<GraphNode, Replacement>,
  outputs: readonly string[],
  external: ExternalFiles,
): Promise<Piece[]> {
  const needed = findNeeded(model.graph, outputs, node => replaced.get(node)?.inputs ?? node.inputs)
  return assembleModel(model, { needed, outputs, replaced, isRaised: false }, external)
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
  bufferBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ pieces?: Piece[]; deformConvs: number }> {
  const { graph } = model
  const values = indexValues(graph)
  const live = [...findNeeded(graph, wanted).nodes]
  const sites = await findDeformConvs(graph, values, live, external, signal)
  const replaced = await foldProjections(model, values, live, knownShapes(graph, sites), external)
  for (const [node, site] of sites)
    replaced.set(node, {
      // A split convolution has weights of its own.
      inputs: isSplit(site, bufferBytes) ? site.inputs.with(1, '') : site.inputs,
      pieces: await encodeDeformConv(site, external, bufferBytes),
    })
  const needed = findNeeded(graph, wanted, node => replaced.get(node)?.inputs ?? node.inputs)
  const kept = [...needed.nodes]
  const left = kept.find(isGather)
  if (left) refuse(`${describeNode(left)} is read by a node outside of a deformable convolution`)
  if (sites.size > 0) expectRaisable(model.opset, kept)
  const plan = { needed, outputs: wanted, replaced, isRaised: sites.size > 0 }
  const isWhole = graph.items.every(item => isKept(item, model, plan))
  if (isWhole && replaced.size === 0) return { deformConvs: 0 }
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

/** Reads a model that is not written yet. Its bytes are made when they are read. */
function reread(pieces: Piece[], signal: AbortSignal | undefined): Promise<OnnxModel> {
  return readModel(new WireFile(joinPieces(pieces)), signal)
}

function chooseOutputs(all: string[], asked: readonly string[] = all): readonly string[] {
  const missing = asked.find(name => !all.includes(name))
  if (missing !== undefined) refuse(`the graph has no output ${missing}, only ${all.join(', ')}`)
  return asked.length > 0 ? asked : refuse('no output is requested')
}
