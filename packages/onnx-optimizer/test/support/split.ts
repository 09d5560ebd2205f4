import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { type OptimizeResult, optimizeGraph } from '../../src/optimize.ts'
import type { Shape } from './graph-builder.ts'
import { type Graph, writeOnnx } from './onnx.ts'
import { findWorst, runGraph } from './run-graph.ts'

/** The result for a graph in which nothing is split. */
export const unchanged = { changed: false, reason: 'there is nothing to optimize' }

/** Optimizes graphs in a folder that is removed after the tests of a file. */
export interface Splitting {
  optimize(graph: Graph): Promise<OptimizeResult>
  /** Expects that the graph changes and computes the same. @returns the new file, latin1 */
  expectSame(graph: Graph): Promise<string>
  /** @returns the new file of the last call, latin1 */
  readTarget(): Promise<string>
}

/** @param shape of the graph's input `x`. */
export function prepareSplitting(shape: Shape): Splitting {
  let dir: string
  const pathOf = (name: string) => join(dir, `${name}.onnx`)
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobg-split-'))
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))

  async function optimize(graph: Graph): Promise<OptimizeResult> {
    await writeFile(pathOf('source'), writeOnnx(graph))
    return optimizeGraph(pathOf('source'), pathOf('target'))
  }

  const readTarget = () => readFile(pathOf('target'), 'latin1')

  return {
    optimize,
    readTarget,
    async expectSame(graph) {
      expect(await optimize(graph)).toMatchObject({ changed: true, deformConvs: 0, widened: false })
      const [expected, got] = [
        await runGraph(pathOf('source'), shape),
        await runGraph(pathOf('target'), shape),
      ]
      expect(findWorst(got, expected)).toBeLessThan(1e-5)
      expect(findWorst(got, new Float32Array(got.length))).toBeGreaterThan(0.1)
      return readTarget()
    },
  }
}
