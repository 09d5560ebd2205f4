import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Model, models } from '../../src/models/table.ts'

/** Shared test material next to the checkout, if it exists. */
const factsFile = join(import.meta.dirname, '../../../../../shared/reference/models.json')

interface Fact {
  urls: string[]
  bytes: number
  sha256: string
  size: [number, number] | string
  grade: 'A' | 'B' | 'C'
  input: string | null
  output: string | null
  mean: number[]
  std: number[]
  post: 'sigmoid' | 'minmax' | 'none'
}

test('the ids and the meaning of each output do not change', () => {
  expect(models.map(({ id, meaning, minMax }) => [id, meaning, minMax])).toEqual([
    ['general-light', 'logits', false],
    ['general-heavy', 'logits', false],
    ['portrait', 'logits', false],
    ['matting', 'logits', false],
    ['general-light-dynamic', 'logits', false],
    ['general-light-fp16', 'logits', false],
    ['general-heavy-fp16', 'logits', false],
    ['portrait-fp16', 'logits', false],
    ['general-2048', 'logits', false],
    ['matting-2048', 'logits', false],
    ['u2netp', 'probability', true],
    ['isnet', 'probability', true],
    ['modnet', 'probability', false],
    ['ben2', 'probability', true],
  ])
})

describe.each(models)('$id', model => {
  test('is complete', () => {
    // The registry does not state the size of one file. Its digest is known.
    if (model.id !== 'portrait-fp16') expect(model.bytes).toBeGreaterThan(1e6)
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(model.urls.length).toBeGreaterThan(0)
    for (const url of model.urls) expect(new URL(url).protocol).toBe('https:')
    expect(model.license).not.toBe('')
    expect(model.std.every(deviation => deviation > 0)).toBe(true)
    expect(model.path).toBeUndefined()
  })

  test('shares no name, address or digest with another model', () => {
    for (const other of models.filter(other => other !== model)) {
      expect(namesOf(other).filter(name => namesOf(model).includes(name))).toEqual([])
      expect(other.sha256).not.toBe(model.sha256)
      expect(other.urls.filter(url => model.urls.includes(url))).toEqual([])
    }
  })

  test.skipIf(!existsSync(factsFile))(
    'agrees with the reference (skipped if the reference is missing)',
    async () => {
      const facts: Fact[] = JSON.parse(await readFile(factsFile, 'utf8'))
      const fact = facts.find(({ sha256 }) => sha256 === model.sha256)
      // Only one registry has matting-2048. If its digest is wrong, nobg refuses the weights and returns no wrong matte.
      expect(fact?.grade).toMatch(model.id === 'matting-2048' ? /C/ : /[AB]/)
      // The author's release comes first. The reference has another order.
      expect([...model.urls].sort()).toEqual(fact?.urls.toSorted())
      expect(model.urls.findIndex(url => url.includes('/ZhengPeng7/'))).toBeLessThanOrEqual(0)
      expect(model.bytes ?? null).toBe(fact?.bytes)
      expect([...model.mean]).toEqual(fact?.mean)
      expect([...model.std]).toEqual(fact?.std)
      // The names in the dynamic file are unknown.
      const isNamed = model.id !== 'general-light-dynamic'
      expect(model.input ?? null).toBe(isNamed ? fact?.input : null)
      expect(model.output ?? null).toBe(isNamed ? fact?.output : null)
      expect(model.meaning === 'logits').toBe(fact?.post === 'sigmoid')
      expect(model.minMax).toBe(fact?.post === 'minmax')
      expect(describeSize(model)).toEqual(fact?.size)
    },
  )
})

function namesOf({ id, falName }: Model): string[] {
  return [id, falName ?? id].map(name => name.toLowerCase())
}

/** Describes the size in the format of the reference. */
function describeSize({ resolution, fit }: Model): Fact['size'] {
  if (typeof resolution === 'number') return [resolution, resolution]
  if (fit === 'stretch') return `any multiple of ${resolution.multipleOf}`
  return `shortest edge ${resolution.default}, multiple of ${resolution.multipleOf}`
}
