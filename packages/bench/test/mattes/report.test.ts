import { expect, test } from 'vitest'
import { type MatteFigures, rateMattes, reportMattes } from '../../src/mattes/report.ts'

const figures: MatteFigures = {
  pictures: 10,
  megapixels: 4,
  model: 'u2netp',
  builds: {
    cold: { wallMs: 10_000, cpuMs: 20_100, rssMb: 700 },
    'cold, mattes kept': { wallMs: 10_200, cpuMs: 20_400, rssMb: 710 },
    warm: { wallMs: 100, cpuMs: 90, rssMb: 100 },
    'warm, mattes kept': { wallMs: 105, cpuMs: 97, rssMb: 101 },
    'frozen, without a cache': { wallMs: 5000, cpuMs: 8040, rssMb: 400 },
  },
  checkMs: 10,
  repositoryBytes: 123_000,
}

test('compares a cold build that keeps and checks mattes with one that does neither', () => {
  // Without the checks the cold build takes 20 s; with them and the mattes 20.4 s.
  expect(rateMattes(figures)).toEqual({ coldShare: 0.02, warmMs: 0.7 })
})

test('reports ratios to the cold build, bytes in the repository, and aims', () => {
  const report = reportMattes(figures)
  expect(report).toContain('| frozen, without a cache | 5.00 | 0.50 | 8.04 | 0.40 | 400 |')
  expect(report).toContain('123 kB in the repository, 12.30 kB per picture')
  expect(report).toContain('- met: kept mattes and checks add at most 3 %')
  expect(report).toContain('- missed: kept mattes and checks add at most 0.5 ms of CPU')
})
