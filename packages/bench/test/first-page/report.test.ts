import { expect, test } from 'vitest'
import { areAimsMet, type PageFigures, reportPages, summarizePage } from '../../src/first-page/report.ts'

const plain = (loadedMs: number) => ({ loadedMs, cutoutMs: [], reloads: 0 })
const shown = (loadedMs: number, cutoutMs = [900, 1800], reloads = 0) => ({ loadedMs, cutoutMs, reloads })

const figures: PageFigures = {
  kind: 'imports',
  pictures: 2,
  rounds: [
    { without: plain(100), with: shown(110) },
    { without: plain(200), with: shown(200) },
    { without: plain(50), with: shown(75, [800, 2000]) },
  ],
}
const broken: PageFigures = {
  kind: 'page',
  pictures: 2,
  rounds: [
    { without: plain(100), with: shown(130, [900], 1) },
    { without: plain(100), with: shown(150, [], 0) },
  ],
}

test('compares the visits of each round, and returns medians', () => {
  expect(summarizePage(figures)).toMatchObject({
    withoutMs: 100,
    withMs: 110,
    ratio: 1.1,
    spread: [1, 1.5],
    firstMs: 900,
    lastMs: 1800,
    reloads: 0,
    missing: 0,
  })
})

test('counts reloads, and pictures that never appear', () => {
  expect(summarizePage(broken)).toMatchObject({ ratio: 1.4, reloads: 1, missing: 3, lastMs: 900 })
})

test('reports medians, ratios and aims', () => {
  const report = reportPages([figures, broken])
  expect(report).toContain('| 100 | 110 | 1.10 | 1.00, 1.50 | 0.90 | 1.80 | 0 | 0 |')
  expect(report).toContain(
    '- missed: DOMContentLoaded at most 1.2 × that of the page without nobg: page 1.40',
  )
  expect(report).toContain('- missed: no page reloads: page 1.00')
  expect(report).toContain('- missed: every picture appears: page 3.00')
  expect(areAimsMet([figures, broken])).toBe(false)
})

test('meets the aims if every page does', () => {
  expect(areAimsMet([figures])).toBe(true)
  expect(reportPages([figures])).not.toContain('missed')
})
