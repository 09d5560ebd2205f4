import { describe, expect, test } from 'vitest'
import { parseInput } from '../../src/fal/input.ts'

describe.each([
  ['fal-ai/birefnet', undefined, { model: 'general-light' }],
  ['fal-ai/birefnet', 'General Use (Light)', { model: 'general-light' }],
  ['fal-ai/birefnet', 'General Use (Heavy)', { model: 'general-heavy' }],
  ['fal-ai/birefnet', 'Portrait', { model: 'portrait' }],
  ['fal-ai/birefnet/v2', undefined, { model: 'general-heavy' }],
  ['fal-ai/birefnet/v2', 'General Use (Light)', { model: 'general-heavy' }],
  ['fal-ai/birefnet/v2', 'General Use (Light 2K)', { model: 'general-light', operatingResolution: 2048 }],
  ['fal-ai/birefnet/v2', 'General Use (Heavy)', { model: 'general-light' }],
  ['fal-ai/birefnet/v2', 'Portrait', { model: 'portrait' }],
  ['fal-ai/birefnet/v2', 'Matting', { model: 'matting' }],
  ['fal-ai/birefnet/v2', 'General Use (Dynamic)', { model: 'general-light-dynamic' }],
  ['fal-ai/birefnet/v2', 'u2netp', { model: 'u2netp' }],
] as const)('%s, %s', (app, model, expected) => {
  test('is the model that the endpoint means', () => {
    const { options } = parseInput(app, { image_url: 'https://example.com/a.jpg', model }, ['u2netp'])
    const { model: id, operatingResolution } = options
    // Ignores undefined.
    expect({ model: id, operatingResolution }).toEqual(expected)
  })
})
