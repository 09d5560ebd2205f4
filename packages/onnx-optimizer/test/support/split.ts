import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { type OptimizeResult, optimizeGraph } from '../../src/optimize.ts'
import type { OptimizeOptions } from '../../src/rewrite-model.ts'

import { type Graph, type GraphNode, writeOnnx } from './onnx.ts'
import { findWorst, runGraph } from './run-graph.ts'

/** The result for a graph in which nothing is split. */
export const unchanged = { changed: false, reason: 'there is nothing to optimize' }

/** Optimizes graphs in a folder that is removed after the tests of a file. */
export interface Splitting {
  optimize(graph: Graph, options?: OptimizeOptions): Promise<OptimizeResult>
  /** Expects that the graph changes and computes the same. @returns the new file, latin1 */
  expectSame(graph: Graph, options?: OptimizeOptions): Promise<string>
  /** Expects that the graph changes and computes the same bits. @returns the new file, latin1 */
  expectEqual(graph: Graph): Promise<string>
  /** Expects that nothing is split if another node reads a value of the graph, or if the value is an output. */
  expectUnchangedIfRead(graph: Graph, name: string, options?: OptimizeOptions): Promise<void>
  /** @returns the new file of the last call, latin1 */
  readTarget(): Promise<string>
  /** @returns the path of the new file */
  target(): string
}

/** @param shape of the graph's input `x` */
export function prepareSplitting(shape: readonly number[]): Splitting {
  let dir: string
  const pathOf = (name: string) => join(dir, `${name}.onnx`)
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobg-split-'))
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))

  async function optimize(graph: Graph, options?: OptimizeOptions): Promise<OptimizeResult> {
    await writeFile(pathOf('source'), writeOnnx(graph))
    return optimizeGraph(pathOf('source'), pathOf('target'), options)
  }

  const readTarget = () => readFile(pathOf('target'), 'latin1')

  /** Optimizes a graph and runs both. */
  async function compare(
    graph: Graph,
    options?: OptimizeOptions,
  ): Promise<{ expected: Float32Array; got: Float32Array }> {
    expect(await optimize(graph, options)).toMatchObject({ changed: true, deformConvs: 0, widened: false })
    const expected = await runGraph(pathOf('source'), shape)
    const got = await runGraph(pathOf('target'), shape)
    expect(findWorst(got, new Float32Array(got.length))).toBeGreaterThan(0.1)
    return { expected, got }
  }

  return {
    optimize,
    readTarget,
    target: () => pathOf('target'),
    async expectUnchangedIfRead(graph, name, options) {
      const other: GraphNode = { op: 'Neg', inputs: [name], outputs: ['other'] }
      const { nodes, outputs } = graph
      const graphs: Graph[] = [
        { ...graph, nodes: [...nodes, other], outputs: { ...outputs, other: 'float32' } },
        { ...graph, outputs: { ...outputs, [name]: 'float32' } },
      ]
      for (const one of graphs) expect(await optimize(one, options)).toEqual(unchanged)
    },
    async expectSame(graph, options) {
      const { expected, got } = await compare(graph, options)
      expect(findWorst(got, expected)).toBeLessThan(1e-5)
      return readTarget()
    },
    async expectEqual(graph) {
      const { expected, got } = await compare(graph)
      expect(Buffer.from(got.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
      return readTarget()
    },
  }
}
