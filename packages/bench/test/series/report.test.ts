import { expect, test } from 'vitest'
import {
  areSeriesAimsMet,
  listCheckpoints,
  reportSeries,
  type SeriesFigures,
} from '../../src/series/report.ts'

const series = (title: string, ...memory: [pictures: number, mainMb: number, treeMb: number][]) =>
  ({
    title,
    samples: memory.map(([pictures, mainMb, treeMb]) => ({
      pictures,
      mainMb,
      treeMb,
      childrenMb: [200, treeMb - mainMb - 200],
    })),
  }) as SeriesFigures

const flat = series('flat', [10, 200, 500], [100, 205, 510], [500, 210, 480])
const growing = series('growing', [10, 200, 500], [100, 200, 500], [200, 210, 520], [500, 230, 520])

test('measures after the pictures of the aims, and after the last', () => {
  expect(listCheckpoints(500)).toEqual([10, 100, 200, 300, 400, 500])
  expect(listCheckpoints(120)).toEqual([10, 100, 120])
  expect(listCheckpoints(4)).toEqual([4])
})

test('reports the memory of both sums of processes, and which aims are met', () => {
  const report = reportSeries([flat, growing])
  expect(report).toContain('| growing | 200 | 210 | 200, 110 | 520 |')
  expect(report).toContain('- met: memory after 100 pictures at most 1.05 × that after 10')
  expect(report).toContain(
    '- missed: memory after 500 pictures at most 1.05 × that after 100: growing, main process 1.15 (met elsewhere)',
  )
  expect([areSeriesAimsMet([flat]), areSeriesAimsMet([flat, growing])]).toEqual([true, false])
})

test('a short series measures no aim', () => {
  const report = reportSeries([series('short', [4, 200, 500])])
  expect(report).toContain('- not measured: memory after 500 pictures at most 1.05 × that after 100')
})
