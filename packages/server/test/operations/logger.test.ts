import { inspect } from 'node:util'
import { NobgError } from '@nobg/core'
import { expect, test } from 'vitest'
import { resolveServerConfig, resolveWorkerConfig } from '../../src/config.ts'
import { removeCommands } from '../../src/operations/describe-error.ts'
import type { ServerLogger } from '../../src/operations/logger.ts'

const picture = 'iVBORw0KGgo'.repeat(100_000)

/** An error as ioredis throws it: with the command and its arguments. */
const failCommand = (message: string, name: string, ...args: unknown[]) =>
  Object.assign(new Error(message), { name: 'ReplyError', command: { name, args } })

const configs: [string, (logger: ServerLogger) => { logger: ServerLogger }][] = [
  ['server', logger => resolveServerConfig({ logger })],
  ['worker', logger => resolveWorkerConfig({ redis: 'redis://localhost', logger })],
]

/** Writes a line by the logger of a config. @returns what the logger of the user gets, as text */
function log(
  resolve: (logger: ServerLogger) => { logger: ServerLogger },
  facts: object,
  message = 'Failed.',
) {
  const lines: [object, string][] = []
  const note = (...line: [object, string]) => void lines.push(line)
  const { logger } = resolve({ info: note, warn: note, error: note })
  for (const level of ['info', 'warn', 'error'] as const) logger[level](facts, message)
  expect(lines).toHaveLength(3)
  expect(lines[1]).toEqual(lines[0])
  expect(lines[2]).toEqual(lines[0])
  return inspect(lines[0], { depth: null, maxStringLength: null, showHidden: true })
}

const secrets: [what: string, error: unknown][] = [
  ['a refused password', failCommand('WRONGPASS invalid password', 'auth', 'default', 'hunter2')],
  [
    'a command in a cause',
    new Error('a', { cause: new Error('b', { cause: failCommand('c', 'auth', 'hunter2') }) }),
  ],
  ['an address in a message', new Error('cannot reach redis://user:hunter2@host:6379')],
  ['a password with an at sign', new Error('cannot reach redis://user:p@hunter2@host:6379')],
  [
    'a field of a system error',
    Object.assign(new Error('e'), { code: 'EACCES', options: { auth: 'hunter2' } }),
  ],
  ['an object that is no error', { password: 'hunter2' }],
]

test.each(configs)('the log of a %s has no secrets', (_, resolve) => {
  for (const [what, error] of secrets) expect(log(resolve, { error }), what).not.toContain('hunter2')
})

test.each(configs)('a line of the log of a %s is short', (_, resolve) => {
  const long: [what: string, facts: object][] = [
    ['arguments', { error: failCommand('OOM', 'hset', 'token', picture) }],
    ['a message and its stack', { error: new Error(picture) }],
    ['a text that was thrown', { error: picture }],
    ['a fact', { request: picture }],
    ['causes', { error: new Error(picture, { cause: new Error(picture, { cause: new Error(picture) }) }) }],
    ['a code', { error: Object.assign(new Error('e'), { code: picture, name: picture }) }],
  ]
  for (const [what, facts] of long) expect(log(resolve, facts).length, what).toBeLessThan(30_000)
})

test('name, code, message, stack and cause of an error are logged, and numbers', () => {
  const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  const error = new NobgError('INFERENCE_FAILED', 'The model failed.', { cause })
  const lines: object[] = []
  const logger = { info() {}, warn() {}, error: (facts: object) => void lines.push(facts) }
  resolveServerConfig({ logger }).logger.error({ error, seconds: 3, request: 'one' }, 'Failed.')
  expect(lines).toMatchObject([
    {
      error: {
        name: 'NobgError',
        code: 'INFERENCE_FAILED',
        message: 'The model failed.',
        stack: expect.stringContaining('logger.test.ts'),
        cause: { name: 'Error', code: 'ENOSPC', message: 'no space' },
      },
      seconds: 3,
      request: 'one',
    },
  ])
})

test.each(configs)('causes in a circle end in the log of a %s', (_, resolve) => {
  const error = new Error('round')
  error.cause = error
  expect(log(resolve, { error })).toContain('round')
  expect(removeCommands(error)).toBe(error)
})

test('an error that the caller gets holds no command', () => {
  const error = new Error('a', { cause: failCommand('b', 'auth', 'hunter2') })
  expect(inspect(error, { depth: null })).toContain('hunter2')
  expect(inspect(removeCommands(error), { depth: null })).not.toContain('hunter2')
})
