import { expect, test } from 'vitest'
import { addVariant, hasHash } from '../../src/core/name-pattern.ts'

test.for([
  ['[name]-[hash][extname]', true],
  ['static/media/[name].[contenthash:8][ext]', true],
  ['[name].[md5:hash:base64:6].[ext]', true],
  ['[name][extname]', false],
  ['hash/[name].[ext]', false],
  [(): string => '[hash]', false],
] as const)('%s contains a hash: %s', ([pattern, expected]) => {
  expect(hasHash(pattern)).toBe(expected)
})

test('the variant is before the extension', () => {
  expect(addVariant('cat.old.png', '1a2b3c4d')).toBe('cat.old-1a2b3c4d.png')
})
