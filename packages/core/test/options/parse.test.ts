import { describe, expect, test } from 'vitest'
import { parseFlags, parseOptions, spellOption } from '../../src/options/parse.ts'
import { joinWords, sortWords, splitQuery } from '../../src/options/query.ts'
import { type Options, optionNames } from '../../src/options/schema.ts'

const defaults: Options = {
  model: 'general-light',
  outputFormat: 'png',
  outputLossless: false,
  outputMask: false,
  matteUpsampling: 'guided',
  refineForeground: 'multi-level',
  allowEmpty: false,
}

/** One meaning in each spelling. The table holds the camelCase names; the kebab-case names are derived. */
const meanings: { query: string; typed: Record<string, unknown>; normal: Partial<Options> }[] = [
  { query: '', typed: {}, normal: {} },
  { query: 'model=portrait', typed: { model: 'portrait' }, normal: { model: 'portrait' } },
  {
    query: 'model=General%20Use%20(Light)',
    typed: { model: 'General Use (Light)' },
    normal: { model: 'General Use (Light)' },
  },
  {
    query: 'operatingResolution=2048',
    typed: { operatingResolution: 2048 },
    normal: { operatingResolution: 2048 },
  },
  {
    query: 'operatingResolution=1024x1024',
    typed: { operatingResolution: '1024x1024' },
    normal: { operatingResolution: 1024 },
  },
  { query: 'outputMask', typed: { outputMask: true }, normal: { outputMask: true } },
  { query: 'allowEmpty', typed: { allowEmpty: true }, normal: { allowEmpty: true } },
  { query: 'outputMask=false', typed: { outputMask: false }, normal: { outputMask: false } },
  {
    query: 'matteUpsampling=bilinear',
    typed: { matteUpsampling: 'bilinear' },
    normal: { matteUpsampling: 'bilinear' },
  },
  { query: 'refineForeground=0', typed: { refineForeground: false }, normal: { refineForeground: false } },
  {
    query: 'refineForeground',
    typed: { refineForeground: true },
    normal: { refineForeground: 'multi-level' },
  },
  {
    query: 'refineForeground=blur-fusion',
    typed: { refineForeground: 'blur-fusion' },
    normal: { refineForeground: 'blur-fusion' },
  },
  {
    query: 'outputFormat=webp',
    typed: { outputFormat: 'webp' },
    normal: { outputFormat: 'webp', outputQuality: 80 },
  },
  {
    query: 'outputFormat=AVIF&outputQuality=42',
    typed: { outputFormat: 'AVIF', outputQuality: 42 },
    normal: { outputFormat: 'avif', outputQuality: 42 },
  },
  {
    query: 'outputFormat=webp&outputLossless&outputQuality=42',
    typed: { outputFormat: 'webp', outputLossless: true, outputQuality: 42 },
    normal: { outputFormat: 'webp', outputLossless: true },
  },
  // PNG is lossless anyway: equal pixels must have equal keys.
  {
    query: 'outputLossless&outputQuality=42',
    typed: { outputLossless: true, outputQuality: 42 },
    normal: {},
  },
  {
    query: 'backgroundColor=fff',
    typed: { backgroundColor: '#FFFFFF' },
    normal: { backgroundColor: '#ffffff' },
  },
  {
    query: 'backgroundColor=rgb(1+2+3+/+50%25)',
    typed: { backgroundColor: 'rgb(1 2 3 / 50%)' },
    normal: { backgroundColor: '#01020380' },
  },
  { query: 'backgroundColor=transparent', typed: { backgroundColor: 'transparent' }, normal: {} },
  { query: 'crop', typed: { crop: true }, normal: { crop: { margin: 0, unit: 'px' } } },
  { query: 'crop=24', typed: { crop: 24 }, normal: { crop: { margin: 24, unit: 'px' } } },
  { query: 'crop=5%25', typed: { crop: '5%' }, normal: { crop: { margin: 5, unit: '%' } } },
  { query: 'crop=24px', typed: { crop: '24px' }, normal: { crop: { margin: 24, unit: 'px' } } },
  {
    query: 'crop=2.5%25',
    typed: { crop: { margin: 2.5, unit: '%' } },
    normal: { crop: { margin: 2.5, unit: '%' } },
  },
  { query: 'crop=false', typed: { crop: false }, normal: {} },
  {
    query: 'backgroundColor=red',
    typed: { backgroundColor: 'oklch(0.628 0.2577 29.23)' },
    normal: { backgroundColor: '#ff0000' },
  },
  {
    query: 'refineForeground=multi-level',
    typed: { refineForeground: 'multi-level' },
    normal: { refineForeground: 'multi-level' },
  },
  {
    query: 'outputFormat=avif',
    typed: { outputFormat: 'avif' },
    normal: { outputFormat: 'avif', outputQuality: 50 },
  },
  { query: 'matteUpsampling=guided', typed: { matteUpsampling: 'guided' }, normal: {} },
  { query: 'threshold=0.5', typed: { threshold: 0.5 }, normal: { threshold: 0.5 } },
]

function parseQuery(query: string) {
  const { options, rest } = sortWords(splitQuery(query))
  return { options, rest: joinWords(rest) }
}

function toKebab(typed: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(typed).map(([name, value]) => [spellOption(name, 'kebab'), value]))
}

describe.each(meanings)('?$query', ({ query, typed, normal }) => {
  const expected = { ...defaults, ...normal }

  test.each([
    ['TypeScript', () => parseOptions(typed)],
    ['query', () => parseOptions(parseQuery(query).options)],
    ['command line', () => parseFlags(toKebab(typed))],
    ['command line, words', () => parseFlags(toKebab(parseQuery(query).options))],
  ])('%s', (_, parse) => {
    const options = parse()
    expect(dropUndefined(options)).toEqual(expected)
    expect(parseOptions(options)).toEqual(options)
  })
})

function dropUndefined(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

describe('a wrong option', () => {
  test.each([
    [{ operatingResolution: 'big' }, /operatingResolution: expected a resolution in px.*got 'big'/],
    [{ operatingResolution: '2560x1440' }, /got '2560x1440'/],
    [{ operatingResolution: 99999 }, /at most 4096/],
    [{ outputFormat: 'jpg' }, /outputFormat: expected png, webp or avif; got 'jpg'/],
    [{ outputQuality: 0 }, /outputQuality: expected a whole number from 1 to 100; got 0/],
    [{ outputQuality: 101 }, /outputQuality: expected a whole number from 1 to 100; got 101/],
    [{ outputMask: 'maybe' }, /outputMask: expected true or false; got 'maybe'/],
    [
      { refineForeground: 'soft' },
      /refineForeground: expected true, false, multi-level or blur-fusion; got 'soft'/,
    ],
    [{ backgroundColor: 'blurple' }, /backgroundColor: expected a CSS color/],
    [{ backgroundColor: '' }, /backgroundColor: expected a CSS color/],
    [{ crop: '-3' }, /crop: expected true, false, or a margin/],
    [{ crop: { margin: 3 } }, /crop: expected true, false, or a margin/],
    [{ crop: { margin: -3, unit: 'px' } }, /crop: expected true, false, or a margin/],
    [{ crop: { margin: Number.NaN, unit: '%' } }, /crop: expected true, false, or a margin/],
    [{ threshold: 1 }, /threshold: expected a number between 0 and 1; got 1/],
    [{ threshold: '' }, /threshold: expected a number between 0 and 1/],
    [{ model: '' }, /model: expected the name of a model/],
    [{ model: 7 }, /model: expected the name of a model.*got 7/],
  ])('%j', (options, message) => {
    expect(() => parseOptions(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    )
  })

  test.each([
    ['TypeScript', () => parseOptions({ outputMsk: true } as never), 'outputMask'],
    ['query', () => parseQuery('nobg&modle=portrait'), 'model'],
    ['command line', () => parseFlags({ 'output-msk': true }), 'output-mask'],
  ])('the suggestion for an unknown name has the casing of the %s', (_, parse, meant) => {
    expect(parse).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', hint: `Did you mean '${meant}'?` }),
    )
  })
})

test('the table of meanings has every option', () => {
  const named = new Set(meanings.flatMap(({ typed }) => Object.keys(typed)))
  expect(optionNames.filter(name => !named.has(name))).toEqual([])
})
