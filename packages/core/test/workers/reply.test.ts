import { expect, test } from 'vitest'
import { NobgError } from '../../src/shared/errors.ts'
import { readReply, replyWith } from '../../src/workers/reply.ts'

/** Serializes and deserializes a value like a pipe between processes. */
const send = <Value>(value: Value): Value => structuredClone(value)

test('returns the value of a reply', async () => {
  expect(readReply(send(await replyWith(() => undefined)))).toBeUndefined()
  expect(readReply(send(await replyWith(async () => new Uint8Array([1, 2]))))).toEqual(new Uint8Array([1, 2]))
})

test.each([
  [
    new NobgError('WEIGHTS_CORRUPT', 'expected a, got b', { hint: 'try c', cause: () => {} }),
    { code: 'WEIGHTS_CORRUPT', message: 'expected a, got b', hint: 'try c', cause: '() => {}' },
  ],
  [
    new RangeError('Array buffer allocation failed'),
    { code: 'INFERENCE_FAILED', message: 'RangeError: Array buffer allocation failed' },
  ],
  ['a string', { code: 'INFERENCE_FAILED', message: 'a string' }],
])('throws a NobgError for %s', async (error, expected) => {
  const reply = send(
    await replyWith(() => {
      throw error
    }),
  )
  expect(() => readReply(reply)).toThrow(NobgError)
  expect(() => readReply(reply)).toThrow(expect.objectContaining(expected))
})
