import { expect, test } from 'vitest'
import { resolveServerConfig, resolveWorkerConfig } from '../src/config.ts'

test.each(['redis://user:hunter/2@localhost:6379', 'redis://user:hunter#2@localhost:6379', 'localhost:6379'])(
  'redis %s is refused without a word of it',
  redis => {
    for (const resolve of [resolveServerConfig, resolveWorkerConfig])
      expect(() => resolve({ redis })).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(/^redis: expected redis:\/\/host:port(?!.*hunter)/),
        }),
      )
  },
)

test.each(['redis://localhost', 'rediss://:p%2Fw@localhost:6379/2'])('redis %s is accepted', redis => {
  expect(resolveWorkerConfig({ redis }).redis).toBe(redis)
})

test('publicUrl, which every client gets, has no password', () => {
  expect(() => resolveServerConfig({ publicUrl: 'https://user:hunter2@localhost' })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^publicUrl: expected .* without a user(?!.*hunter)/),
    }),
  )
  expect(resolveServerConfig({ publicUrl: 'https://localhost/a@b/' }).publicUrl).toBe('https://localhost/a@b')
})
