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

test.each(errors)('%s of an error is printed in short, as text and as JSON', (_, error) => {
  for (const text of [formatError(error), JSON.stringify(describeError(error))]) {
    expect(text.length).toBeLessThan(5000)
    expect(text).not.toContain('hunter2')
    expect(text).toContain(error.message.slice(0, 100))
  }
})
