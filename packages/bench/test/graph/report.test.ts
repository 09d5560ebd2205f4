import { expect, test } from 'vitest'
import { compareLogits } from '../../src/graph/compare-logits.ts'
import { makeNoise } from '../../src/graph/noise.ts'
import { formatGraphs, takeBest } from '../../src/graph/report.ts'
import type { GraphFigures } from '../../src/graph/run-graph.ts'

test('takes the least time and the greatest memory of several processes', () => {
  const best = takeBest([makeFigures(900, [20, 22], [7000, 7100]), makeFigures(800, [21, 19], [6900, 7200])])
  expect(best).toEqual({
    createCpuMs: 800,
    runCpuMs: 19,
    firstPeakMb: 7000,
    laterPeakMb: 7200,
    keptMb: 7200,
  })
})

test('the last row divides the second graph by the first', () => {
  const row = (title: string, bytes: number, runs: number[], peaks: number[]) => ({
    title,
    bytes,
    ...takeBest([makeFigures(1000, runs, peaks)]),
  })
  const lines = formatGraphs([
    row('original', 224e6, [20_000], [8000, 8000]),
    row('optimized', 181e6, [11_000], [2000, 2000]),
  ]).split('\n')
  expect(lines.at(-1)).toBe('| × | 0.81 | 1.00 | 0.55 | 0.25 | 0.25 | 0.25 |')
  expect(new Set(lines.map(line => line.split('|').length)).size).toBe(1)
})

test('compares outputs as logits and as mattes', () => {
  const { logit, deviation, matte } = compareLogits(Float32Array.of(-1, 0, 1), Float32Array.of(-1, 0.5, 1))
  expect(logit).toBe(0.5)
  expect(deviation).toBeCloseTo(Math.sqrt(2 / 3), 12)
  expect(matte).toBeCloseTo(1 / (1 + Math.exp(-0.5)) - 0.5, 12)
})

test('noise is the same each time, in the range of a normalized picture', () => {
  const noise = makeNoise(10_000)
  expect(makeNoise(10_000)).toEqual(noise)
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
  expect(Math.abs(mean)).toBeLessThan(0.05)
  expect(noise.every(value => value >= -2 && value < 2)).toBe(true)
})

function makeFigures(createCpuMs: number, runsCpuMs: number[], peaksMb: number[]): GraphFigures {
  return {
    createCpuMs,
    createWallMs: createCpuMs,
    createPeakMb: 500,
    runs: runsCpuMs.map((cpuMs, i) => ({ cpuMs, wallMs: cpuMs, peakMb: peaksMb[i] })),
    keptMb: peaksMb[peaksMb.length - 1],
  }
}
