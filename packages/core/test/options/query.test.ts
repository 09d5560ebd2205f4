import { describe, expect, test } from 'vitest'
import { parseOptions } from '../../src/options/parse.ts'
import { joinWords, sortWords, splitQuery, suggestOption } from '../../src/options/query.ts'
import { optionNames } from '../../src/options/schema.ts'

function parseQuery(query: string) {
  const { options, rest } = sortWords(splitQuery(query))
  return { options, rest: joinWords(rest) }
}

describe('the query', () => {
  test('leaves the words of others verbatim and in order', () => {
    const { options, rest } = parseQuery('w=400;800&model=portrait&format=web%70&as=picture&&crop&url')
    expect(options).toEqual({ model: 'portrait', crop: '' })
    expect(rest).toBe('w=400;800&format=web%70&as=picture&url')
  })

  test('refuses a word given twice', () => {
    expect(() => parseQuery('model=portrait&model=matting')).toThrow(
      /Expected the option model once, got it twice in \?model=portrait/,
    )
  })

  test.each([
    ['output_mask', { outputMask: '' }],
    ['output-mask=false', { outputMask: 'false' }],
    ['mask', { outputMask: '' }],
    ['mask_only=true', { outputMask: 'true' }],
    [
      'output_format=webp&operating_resolution=2048x2048',
      { outputFormat: 'webp', operatingResolution: '2048x2048' },
    ],
    ['refine_foreground=false', { refineForeground: 'false' }],
  ])('takes the words of the command line and of fal: %s', (query, options) => {
    expect(parseQuery(query)).toEqual({ options, rest: '' })
  })

  test.each([['mask&outputMask'], ['output_format=png&outputFormat=webp']])(
    'refuses one option in two spellings: %s',
    query => {
      expect(() => parseQuery(query)).toThrow(/got it twice/)
    },
  )

  test.each([
    ['corp', 'crop'],
    ['modle=portrait', 'model'],
    ['bg=red', 'backgroundColor'],
    ['refine', 'refineForeground'],
    ['resolution=2048', 'operatingResolution'],
    ['color=red', 'backgroundColor'],
    ['Crop', 'crop'],
    ['matte', 'outputMask'],
    ['outputMsk', 'outputMask'],
  ])('refuses %s, which resembles an option', (query, meant) => {
    expect(() => parseQuery(query)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', hint: `Did you mean '${meant}'?` }),
    )
  })

  test.each([
    ['quality', 'outputQuality'],
    ['format', 'outputFormat'],
    ['background', 'backgroundColor'],
    ['lossless', 'outputLossless'],
    ['w', undefined],
    ['flop', undefined],
    ['constructor', undefined],
  ])('the directive %s of imagetools may mean %s', (word, meant) => {
    expect(suggestOption(word)).toBe(meant)
    expect(parseQuery(`${word}=1`).rest).toBe(`${word}=1`)
  })

  test('a color that starts with # is explained', () => {
    expect(() => parseOptions(parseQuery('backgroundColor=').options)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('%23fff') }),
    )
  })

  test('takes a broken escape as it is', () => {
    expect(parseQuery('x=%zz').rest).toBe('x=%zz')
  })
})

/** Directives of imagetools 12 and query words of Vite 8. */
const taken =
  'w width h height aspect fit position kernel format quality lossless effort background blur rotate flip flop tint grayscale greyscale normalize normalise median invert hsv brightness hue saturation lightness as inline allowUpscale withoutEnlargement withoutReduction progressive palette flatten url raw no-inline import t v worker sharedworker init direct html-proxy commonjs-proxy used lang type src index vue'.split(
    ' ',
  )

test.each(taken)('%s of another tool is left in the query', word => {
  expect(optionNames).not.toContain(word)
  expect(parseQuery(`${word}=1`).rest).toBe(`${word}=1`)
})
