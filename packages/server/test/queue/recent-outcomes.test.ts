import { expect, test } from 'vitest'
import { createRecentOutcomes } from '../../src/queue/recent-outcomes.ts'

test('keeps the last thousand outcomes and none with a long record', () => {
  const recent = createRecentOutcomes()
  const endingOf = (body: unknown) => ({ outcome: { status: 200, body }, logs: [] })
  for (let i = 0; i <= 1000; i++) recent.keep(`${i}`, endingOf(i), 100)
  recent.keep('long', endingOf('data:'), 1_000_000)
  expect(recent.get('0')).toBeUndefined()
  expect(recent.get('1')).toEqual(endingOf(1))
  expect(recent.get('1000')).toEqual(endingOf(1000))
  expect(recent.get('long')).toBeUndefined()
  recent.forget('1')
  expect(recent.get('1')).toBeUndefined()
})
