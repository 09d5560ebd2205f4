import { NobgError } from '@nobg/core'
import { expect, test } from 'vitest'
import { describeError, formatError } from '../../src/report/format.ts'

const picture = 'iVBORw0KGgo'.repeat(100_000)
const errors: [what: string, error: Error][] = [
  ['a message', Object.assign(new Error(picture), { code: 'ERR' })],
  ['a stack', new Error(picture)],
  [
    'the command of Redis',
    Object.assign(new Error('OOM'), { command: { name: 'hset', args: [picture, 'hunter2'] } }),
  ],
]

test.each([
  new Error('cannot reach https://user:hunter2@host/a'),
  Object.assign(new Error('cannot reach https://user:p@hunter2@host/a'), { code: 'ERR' }),
  new NobgError('REMOTE_FAILED', 'Expected an answer from https://user:hunter2@host:1, got: none.'),
])('%s is printed without its password', error => {
  for (const text of [formatError(error), JSON.stringify(describeError(error))]) {
    expect(text).not.toContain('hunter2')
    expect(text).toContain('://***@host')
  }
})

test.each(errors)('%s of an error is printed in short, as text and as JSON', (_, error) => {
  for (const text of [formatError(error), JSON.stringify(describeError(error))]) {
    expect(text.length).toBeLessThan(5000)
    expect(text).not.toContain('hunter2')
    expect(text).toContain(error.message.slice(0, 100))
  }
})
