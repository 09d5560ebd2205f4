import { expect, test } from 'vitest'
import { type External, excludePictures } from '../../src/core/exclude-pictures.ts'

test.for<[External, boolean]>([
  [true, true],
  ['vue', false],
  [/node_modules/, true],
  [/node_modules/g, true],
  [['vue', /node_modules/], true],
  [id => id.includes('node_modules'), true],
  [() => undefined, false],
])('%s applies to everything except pictures', ([external, expected]) => {
  const isExternal = excludePictures(external, id => id.endsWith('.png'))
  expect(isExternal('/node_modules/vue.js', undefined, true)).toBe(expected)
  expect(isExternal('/node_modules/cat.png', undefined, true)).toBe(false)
})
