import { type Aim, atMost } from '../aim.ts'
import { type GraphCost, knownGraphs } from './known-graphs.ts'

/** Returns the aims for optimized graphs of BiRefNet's architecture. */
export function listGraphAims(costs: readonly GraphCost[]): Aim[] {
  const of = (name: string, figureOf: (cost: GraphCost) => number | undefined) =>
    costs
      .filter(cost => cost.name === name)
      .flatMap(cost => figureOf(cost) ?? [])
      .map(value => ({ where: name, value }))
  return [
    ...knownGraphs.map(({ name, peakGb }) =>
      atMost(
        peakGb,
        `peak RSS of one run of ${name}.onnx, optimized, at most ${peakGb} GB`,
        of(name, ({ peakMb }) => peakMb / 1000),
      ),
    ),
    atMost(
      1.35,
      'CPU time of a run of lite-1024.onnx, optimized, at most 1.35 × that of a dense MatMul with as many operations',
      of('lite-1024', ({ overFloor }) => overFloor),
    ),
  ]
}
