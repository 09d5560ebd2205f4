import { expect, test } from 'vitest'
import { nameVariants } from '../../src/core/name-variants.ts'

const findVariant = (file: string) => (file === 'src/cat-1a2b3c4d.webp' ? '1a2b3c4d' : undefined)

/** The pattern for an asset that was made from a file. */
function nameAsset(assetFileNames: unknown, file: string): unknown {
  const named = nameVariants({ assetFileNames }, findVariant).assetFileNames
  return typeof named === 'function' ? named({ originalFileNames: [file] }) : named
}

test.for([
  ['a pattern with a hash', '[name]-[hash][extname]', '[name]-[hash][extname]'],
  ['a pattern without a hash', '[name][extname]', '[name]-1a2b3c4d[extname]'],
  ['a fixed name', 'picture.webp', 'picture.webp'],
  ['a function with a hash', (): string => 'img/[name].[hash][extname]', 'img/[name].[hash][extname]'],
  ['a function without a hash', (): string => 'img/[name][extname]', 'img/[name]-1a2b3c4d[extname]'],
  ['the default', undefined, undefined],
] as const)('%s', ([, given, expected]) => {
  expect(nameAsset(given, 'src/cat-1a2b3c4d.webp')).toBe(expected)
})

test('other assets keep the pattern', () => {
  expect(nameAsset('[name][extname]', 'src/logo.svg')).toBe('[name][extname]')
})
