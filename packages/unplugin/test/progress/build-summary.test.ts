import { type CutoutFile, parseOptions } from '@nobg/core'
import { expect, test } from 'vitest'
import { createBuildSummary } from '../../src/progress/build-summary.ts'
import type { ShippedPicture } from '../../src/progress/large-pictures.ts'

const result: CutoutFile = {
  file: '/cat.png',
  width: 1200,
  height: 800,
  format: 'png',
  contentType: 'image/png',
  timings: { total: 1234 },
  cached: false,
  savedMs: 0,
  matte: 'predicted',
  model: 'u2netp',
  findings: [],
}

function shipped(label: string, bytes: number): ShippedPicture {
  return { label, bytes, width: 1200, height: 800, options: parseOptions({ outputFormat: 'webp' }) }
}

test('counts each picture once, counts parallel time once, and is reset', () => {
  const summary = createBuildSummary(1e6)
  expect(summary.summarize()).toBeUndefined()
  for (const file of ['a', 'a', 'b']) summary.add(file, result, 'src/cat.jpg', undefined)
  summary.add('c', { ...result, cached: true, savedMs: 61_000 }, 'src/cat.jpg', undefined)
  expect(summary.summarize()?.info).toMatch(
    /^nobg: 2 images processed in 1\.2\d s, 1 from cache \(61\.0 s saved\)$/,
  )
  expect(summary.summarize()).toBeUndefined()
})

test('lists the shipped pictures with their sizes, the largest first', () => {
  const summary = createBuildSummary(1e6)
  const cached = { ...result, cached: true }
  summary.add('a', cached, 'src/cat.jpg', shipped('cat.jpg?nobg', 84_200))
  summary.add('b', cached, 'src/cat.jpg', shipped('ada.jpg?nobg&crop', 1_000_000))
  summary.add('c', cached, 'src/cat.jpg', undefined)
  expect(summary.summarize()).toEqual({
    info: [
      'nobg: 3 from cache (0.00 s saved), 1.1 MB',
      '  ada.jpg?nobg&crop   1.0 MB  webp, 1200 × 800 px',
      '  cat.jpg?nobg         84 kB  webp, 1200 × 800 px',
    ].join('\n'),
    warning: undefined,
  })
})

test('counts the pictures after the twentieth', () => {
  const summary = createBuildSummary(1e6)
  for (let i = 0; i < 22; i++) summary.add(`${i}`, result, 'src/cat.jpg', shipped(`${i}.jpg?nobg`, 1000))
  const lines = summary.summarize()?.info.split('\n') ?? []
  expect(lines).toHaveLength(22)
  expect(lines.at(-1)).toBe('  and 2 more, 2.0 kB')
})

test('warns about the pictures above the limit', () => {
  const summary = createBuildSummary(1e6)
  summary.add('a', result, 'src/cat.jpg', shipped('cat.jpg?nobg', 1_000_000))
  expect(summary.summarize()?.warning).toBeUndefined()
  summary.add('a', result, 'src/cat.jpg', shipped('cat.jpg?nobg', 1_000_001))
  expect(summary.summarize()?.warning).toContain('cat.jpg?nobg has 1.0 MB.')
})

test('warns about doubtful mattes with the photograph and the reason, once', () => {
  const summary = createBuildSummary(1e6)
  const findings: CutoutFile['findings'] = [
    { code: 'MATTE_HOLLOW', message: 'The subject has holes: 31 % of its interior is not opaque.' },
  ]
  summary.add('/cache/a-1.png', { ...result, findings }, 'src/a.jpg', undefined)
  summary.add('/cache/a-2.png', { ...result, findings }, 'src/a.jpg', undefined)
  summary.add('/cache/b.png', result, 'src/b.jpg', undefined)
  expect(summary.summarize()?.warning?.split('\n')).toEqual([
    'nobg: mattes that are probably wrong:',
    '  src/a.jpg: The subject has holes: 31 % of its interior is not opaque. (MATTE_HOLLOW)',
    expect.stringContaining('a.matte.png beside a.jpg'),
  ])
  expect(summary.summarize()).toBeUndefined()
})

test('with a substitute, the remedy is the requested model', () => {
  const summary = createBuildSummary(1e6)
  const findings: CutoutFile['findings'] = [{ code: 'MATTE_HOLLOW', message: 'The subject has holes.' }]
  summary.add('/cache/a.png', { ...result, findings }, 'src/a.jpg', undefined, 'portrait')
  const warning = summary.summarize()?.warning
  expect(warning).toContain('Download the weights of portrait (npx nobg models pull portrait)')
  expect(warning).not.toContain('another model')
})
