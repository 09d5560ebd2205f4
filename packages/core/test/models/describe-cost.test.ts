import { expect, test } from 'vitest'
import { describeCost } from '../../src/models/describe-cost.ts'
import { models } from '../../src/models/table.ts'

test.for([
  [12.9, 2.4e9, '13 s of processor time and 2.4 GB of memory'],
  [0.83, 0.54e9, '0.8 s of processor time and 540 MB of memory'],
] as const)('%d s and %d bytes', ([cpuSeconds, peakBytes, text]) => {
  expect(describeCost({ cost: { cpuSeconds, peakBytes } })).toBe(text)
})

test('a model that was not measured has no text', () => {
  expect(describeCost({})).toBeUndefined()
})

test('every model says what it is for', () => {
  for (const { purpose } of models) expect(purpose).toMatch(/\w/)
})
