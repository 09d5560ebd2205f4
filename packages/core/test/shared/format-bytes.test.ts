import { expect, test } from 'vitest'
import { formatBytes } from '../../src/shared/format-bytes.ts'

test.for([
  [950, '0.9 kB'],
  [12_345, '12 kB'],
  [4_600_000, '4.6 MB'],
  [224_000_000, '224 MB'],
  [1_100_000_000, '1.1 GB'],
] as const)('%i bytes are %s', ([bytes, text]) => {
  expect(formatBytes(bytes)).toBe(text)
})
