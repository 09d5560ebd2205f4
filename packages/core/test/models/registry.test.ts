import { describe, expect, test } from 'vitest'
import { createModelRegistry } from '../../src/models/registry.ts'
import { models } from '../../src/models/table.ts'

const table = createModelRegistry()

describe('find', () => {
  test.each(models.map(({ id }) => [id]))('%s by its id', id => {
    expect(table.find(id).id).toBe(id)
  })

  test.each([
    ['General Use (Light)', 'general-light'],
    ['general use (light)', 'general-light'],
    ['GENERAL USE (HEAVY)', 'general-heavy'],
    [' General Use (Light)\n', 'general-light'],
    ['Portrait', 'portrait'],
    ['Matting', 'matting'],
    ['U2NETP', 'u2netp'],
  ])('%j is %s', (name, id) => {
    expect(table.find(name).id).toBe(id)
  })

  test.each(['', 'general', 'BiRefNet', 'constructor', '__proto__'])('%j is an unknown name', name => {
    expect(() => table.find(name)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MODEL', message: expect.stringContaining(`'${name}'`) }),
    )
  })

  test('the hint for an unknown name suggests a name and lists all ids', () => {
    const table = createModelRegistry({ 'portfolio-dogs': { path: 'dogs.onnx' } })
    expect(() => table.find('portrat')).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/^Did you mean 'portrait'\? The models are portfolio-dogs, /),
      }),
    )
    expect(() => table.find('General Use (Lite)')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("'General Use (Light)'") }),
    )
    expect(() => table.find('zzz')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^The models are /) }),
    )
  })
})

describe("a user's model", () => {
  test('is added to the built-in models', () => {
    const table = createModelRegistry({ dogs: { path: 'dogs.onnx' } })
    expect(table.list()).toHaveLength(models.length + 1)
    expect(table.find('Dogs').path).toBeDefined()
    expect(table.find('portrait').path).toBeUndefined()
  })

  test('replaces a built-in model under all of its names', () => {
    const table = createModelRegistry({ 'general-light': { path: '/weights/finetuned.onnx' } })
    expect(table.list()).toHaveLength(models.length)
    expect(table.find('general-light').path).toBe('/weights/finetuned.onnx')
    expect(table.find('General Use (Light)').path).toBe('/weights/finetuned.onnx')
  })
})
