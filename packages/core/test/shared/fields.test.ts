import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { atLeast, field, oneOf, parseFields } from '../../src/shared/fields.ts'

const schema = z.strictObject({
  mode: oneOf('wait', 'skip', 'stop'),
  limit: atLeast(1),
  folder: z.string().describe('the path of a folder'),
  pairs: field(z.record(z.string(), z.number()), 'an object of numbers'),
  port: z.int('expected a whole number').optional(),
})

const names = { label: (name: string) => `thing.${name}`, noun: 'field', plural: 'fields', hint: 'Do this.' }

test('fields that fit are returned', () => {
  const given = { mode: 'skip', limit: Number.POSITIVE_INFINITY, folder: 'a', pairs: { one: 1 } }
  expect(parseFields(schema, given, names)).toEqual(given)
})

describe('a wrong object', () => {
  test.each([
    [null, 'Expected an object of fields, got null.', 'Do this.'],
    ['text', "Expected an object of fields, got 'text'.", 'Do this.'],
    [{ folder: 'a', mode: 'go' }, "thing.mode: expected 'wait', 'skip' or 'stop', got 'go'.", 'Do this.'],
    [{ folder: 'a', limit: 0 }, 'thing.limit: expected a number of at least 1, got 0.', 'Do this.'],
    [{}, 'thing.folder: expected the path of a folder, got undefined.', 'Do this.'],
    [
      { folder: 'a', pairs: { one: 'x' } },
      'thing.pairs: expected an object of numbers, got {"one":"x"}.',
      'Do this.',
    ],
    [{ folder: 'a', port: 'x' }, "thing.port: expected a whole number, got 'x'.", 'Do this.'],
    [{ foldr: 'a' }, "Unknown field 'foldr'.", "Did you mean 'folder'?"],
    [{ mode: 'go', x: 1 }, "Unknown field 'x'.", 'The fields are mode, limit, folder, pairs, port.'],
  ])('%j', (input, message, hint) => {
    expect(() => parseFields(schema, input, names)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message, hint }),
    )
  })

  test('does not show a value that may be a secret', () => {
    const secret = { ...names, isSecret: true }
    expect(() => parseFields(schema, { folder: 7 }, secret)).toThrow(
      expect.objectContaining({ message: 'thing.folder: expected the path of a folder.' }),
    )
  })
})
