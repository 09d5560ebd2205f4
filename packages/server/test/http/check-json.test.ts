import { expect, test } from 'vitest'
import { measureGrowth } from '../../../core/test/support/measure-growth.ts'
import { findExcess } from '../../src/http/check-json.ts'

const nest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const list = (values: number) => JSON.stringify({ list: Array.from({ length: values }, () => 0) })
const fields = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])))

test.each([
  '',
  '7',
  '{}',
  'no JSON',
  '"an open text',
  nest(32),
  fields(900),
  list(900),
  JSON.stringify({ text: '[{,'.repeat(5000) }),
  JSON.stringify({ text: `\\"${'[,'.repeat(5000)}` }),
  JSON.stringify({ text: '\\'.repeat(5001), other: '"[' }),
  JSON.stringify(Array.from({ length: 400 }, () => ({}))),
  JSON.stringify({ text: `${'\\/'.repeat(200_000)}x` }),
])('%.40s is within the limits', text => {
  expect(findExcess(text)).toBeUndefined()
})

test.each([
  [nest(33), /at most 32 levels/],
  ['{"a":'.repeat(1e6), /at most 32 levels/],
  [`${JSON.stringify({ text: '\\' })}${'['.repeat(33)}`, /at most 32 levels/],
  [fields(1100), /at most 1000 values/],
  [list(1100), /at most 1000 values/],
  [JSON.stringify(Array.from({ length: 600 }, () => ({}))), /at most 1000 values/],
  [`{"a":${'1'.repeat(200_000)}}`, /at most 100000 characters outside/],
  [' '.repeat(200_000), /at most 100000 characters outside/],
  [JSON.stringify({ text: '"'.repeat(200_000) }), /at most 100000 characters outside/],
  [JSON.stringify({ text: `${'\\'.repeat(100_000)}"` }), /at most 100000 characters outside/],
])('%.40s is beyond the limits', (text, message) => {
  expect(findExcess(text)).toMatch(message)
})

test.each<[string, (length: number) => string]>([
  ['a text of quotes', n => JSON.stringify({ text: '"'.repeat(n) })],
  ['a text of backslashes', n => JSON.stringify({ text: '\\'.repeat(n) })],
  ['white space', n => ' '.repeat(n)],
  ['closing brackets', n => ']'.repeat(n)],
  ['a number', n => '1'.repeat(n)],
])('%s takes time in proportion to its length at most', (_, make) => {
  expect(measureGrowth(make, findExcess)).toBeLessThan(11)
})
