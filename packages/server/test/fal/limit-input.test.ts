import { expect, test } from 'vitest'
import { measureGrowth } from '../../../core/test/support/measure-growth.ts'
import { InputError } from '../../src/fal/details.ts'
import { parseInput, readFields } from '../../src/fal/input.ts'

const image_url = 'https://example.com/a.jpg'
const long = 'x'.repeat(300)

function refuse(input: unknown): InputError {
  try {
    readFields(input)
  } catch (error) {
    return error as InputError
  }
  throw new Error('Expected a refusal.')
}

test('known fields are kept as they are, unknown fields and null are dropped', () => {
  const fields = {
    image_url,
    background_color: 'red',
    crop: { margin: 5, unit: '%' },
    output_mask: true,
    mask_only: 1,
  }
  const others = { constructor: 1, unknown: long, prompt: { deep: [long] }, threshold: null }
  expect(readFields({ ...fields, ...others, ...JSON.parse('{"__proto__": {"model": "x"}}') })).toEqual(fields)
  expect(readFields(undefined)).toEqual({})
})

test.each([
  'model',
  'operating_resolution',
  'output_format',
  'background_color',
  'crop',
  'threshold',
  'refine_foreground',
  'sync_mode',
])('a long value of %s is refused, as text and in a list', field => {
  for (const value of [long, [long], { [long]: 1 }]) {
    const { details } = refuse({ image_url, [field]: value })
    expect(details).toMatchObject([
      { loc: ['body', field], type: 'string_too_long', ctx: { max_length: 256 } },
    ])
    expect(JSON.stringify(details).length).toBeLessThan(300)
  }
})

test('all long values are named at once', () => {
  const { details } = refuse({ image_url: `https://example.com/${long.repeat(40)}`, crop: long, model: long })
  expect(details.map(({ loc }) => loc[1])).toEqual(['image_url', 'crop', 'model'])
})

test('a data URI may be long', () => {
  const uri = `data:image/png;base64,${'A'.repeat(100_000)}`
  expect(readFields({ image_url: uri })).toEqual({ image_url: uri })
})

test.each([[[]], ['text'], [7], [true]])('%j is no input', body => {
  expect(refuse(body)).toBeInstanceOf(InputError)
})

test.each<[string, (length: number) => object]>([
  ['a color', n => ({ background_color: `rgb(${'1'.repeat(n)}%)` })],
  ['a resolution', n => ({ operating_resolution: `${'1'.repeat(n)}x${'1'.repeat(n)}y` })],
  ['a margin', n => ({ crop: `${' '.repeat(n)}5` })],
  ['a format', n => ({ output_format: 'p'.repeat(n) })],
])('%s of an input takes time in proportion to its length', (_, make) => {
  const parse = (input: object) => parseInput('fal-ai/birefnet', { image_url, ...input }, [])
  expect(measureGrowth(make, parse)).toBeLessThan(11)
})
