import { type OptionsInput, parseOptions } from '@nobg/core'
import { expect, test } from 'vitest'
import { describeLargePictures } from '../../src/progress/large-pictures.ts'

test.for<[OptionsInput, string]>([
  [{ outputFormat: 'png' }, 'Write &outputFormat=webp or &crop, or use a smaller photograph.'],
  [{ outputFormat: 'webp', outputLossless: true, crop: true }, 'Write &outputLossless=false, or use'],
  [
    { outputFormat: 'webp', outputQuality: 90, crop: true },
    'Write &outputQuality=75 or &outputFormat=avif, or use',
  ],
  [{ outputFormat: 'webp', outputQuality: 70, crop: true }, 'Write &outputFormat=avif, or use'],
  [{ outputFormat: 'avif', outputQuality: 50, crop: true }, ' Use a smaller photograph.'],
])('%o: the warning has the words that make the picture smaller', ([options, words]) => {
  const picture = {
    label: 'cat.jpg?nobg',
    bytes: 2e6,
    width: 4000,
    height: 3000,
    options: parseOptions(options),
  }
  const warning = describeLargePictures([picture, { ...picture, label: 'ada.jpg?nobg', bytes: 9 }], 1e6)
  expect(warning).toContain('at most 1.0 MB (option warnAboveBytes)')
  expect(warning).toContain(`cat.jpg?nobg has 2.0 MB. ${words.trim()}`)
  expect(warning).not.toContain('ada')
})
