import { describe, expect, test } from 'vitest'
import {
  estimateMemory,
  expectMemory,
  keepsBuffers,
  type MemoryDemand,
  type MemoryMode,
} from '../../src/models/memory.ts'
import { type Model, models } from '../../src/models/table.ts'

const find = (id: string) => models.find(model => model.id === id) as Model
const gb = 1e9

describe('estimateMemory', () => {
  test.each<[string, number | undefined, number, number, number]>([
    // Measured.
    ['u2netp', undefined, 320, 0.41, 0.37],
    ['isnet', undefined, 1024, 1.45, 1.04],
    ['isnet', 176e6, 1024, 0.86, 0.8],
    ['general-light', undefined, 1024, 7.6, 7.4],
    ['general-light', 181e6, 1024, 1.25, 1.2],
    ['general-light-dynamic', undefined, 1024, 2.4, 2.2],
    ['general-light', 181e6, 2048, 13.3, 6],
    ['portrait', undefined, 1024, 9.4, 9.2],
    ['portrait', 930e6, 1024, 2.7, 2.6],
    ['general-2048', 1.05e9, 2048, 5.4, 4.6],
    // The optimized graph of a file of half precision is larger than the file.
    ['general-light-fp16', undefined, 1024, 7.6, 7.4],
    ['general-light-fp16', 181e6, 1024, 1.25, 1.2],
    ['portrait-fp16', 930e6, 1024, 2.7, 2.6],
    // Scaled. Measured without an arena, for a graph of dynamic size: 0.9 and 1.4 GB.
    ['general-light-dynamic', undefined, 512, 1.13, 1.08],
    ['general-light-dynamic', undefined, 768, 1.66, 1.54],
    ['general-light', 181e6, 512, 0.69, 0.68],
    // Scaled from 1024. A machine with 23 GB could not run this model.
    ['general-2048', undefined, 2048, 32.8, 32],
  ])('%s, %s bytes, %i px', (id, bytes, side, keeping, frugal) => {
    // A file of another size is the optimized file, which has another digest.
    const model = { ...find(id), ...(bytes && { sha256: 'optimized' }) }
    const estimate = estimateMemory(model, bytes ?? model.bytes ?? 0, side ** 2)
    expect(estimate.keepingBytes / gb).toBeCloseTo(keeping, 1)
    expect(estimate.frugalBytes / gb).toBeCloseTo(frugal, 1)
    expect(estimate.leastBytes).toBe(estimate.frugalBytes)
  })

  test.each(['mine', 'isnet'])('knows only the weights of a local model named %s', id => {
    const estimate = estimateMemory({ ...find('isnet'), id, path: '/mine.onnx' }, 88e6, 1024 ** 2)
    expect(estimate.leastBytes).toBe(88e6)
    expect(estimate.keepingBytes / gb).toBeCloseTo(2.4, 1)
  })
})

describe('the plan', () => {
  const demand = (
    id: string,
    side: number,
    mode: MemoryMode,
    isBatch = true,
    isLarge = true,
  ): MemoryDemand => {
    const model = find(id)
    const estimate = estimateMemory(model, model.bytes ?? 0, side ** 2)
    return { model, estimate, pixels: side ** 2, mode, isBatch, isLarge }
  }

  const refused = 'refused'
  test.each<[string, number, MemoryMode, number, boolean | typeof refused]>([
    ['u2netp', 320, 'auto', 16, true],
    ['u2netp', 320, 'low', 16, false],
    ['u2netp', 320, 'fast', 16, true],
    ['u2netp', 320, 'auto', 0.4, false],
    ['u2netp', 320, 'auto', 0.35, refused],
    ['u2netp', 320, 'low', 0.35, refused],
    ['u2netp', 320, 'fast', 0.35, true],
    ['isnet', 1024, 'auto', 1.2, false],
    ['general-light', 1024, 'auto', 7, refused],
    // Buffers are never kept for large inputs and for inputs of varying size.
    ['general-2048', 2048, 'auto', 64, false],
    ['modnet', 512, 'auto', 64, false],
    // Not measured: refused only if the weights alone do not fit.
    ['ben2', 1024, 'auto', 0.3, false],
    ['ben2', 1024, 'auto', 0.2, refused],
  ])('of a batch of %s at %i px, %s, %f GB free', (id, side, mode, freeGb, expected) => {
    const plan = () => {
      expectMemory(demand(id, side, mode), freeGb * gb)
      return keepsBuffers(demand(id, side, mode), freeGb * gb)
    }
    if (expected === refused) expect(plan).toThrow(expect.objectContaining({ code: 'INSUFFICIENT_MEMORY' }))
    else expect(plan()).toBe(expected)
  })

  test.each<[MemoryMode, boolean, boolean]>([
    ['auto', false, true],
    ['low', false, false],
    ['fast', true, true],
  ])('of a single large picture, and of a small one, %s', (mode, large, small) => {
    expect(keepsBuffers(demand('u2netp', 320, mode, false, true), 16 * gb)).toBe(large)
    expect(keepsBuffers(demand('u2netp', 320, mode, false, false), 16 * gb)).toBe(small)
  })

  test('the error has the needed memory, the free memory and a hint', () => {
    expect(() => expectMemory(demand('general-light', 1024, 'auto'), 2 * gb)).toThrow(
      expect.objectContaining({
        message: 'Expected 7.4 GB of free memory for general-light at 1024×1024, got 2.0 GB.',
        hint: expect.stringMatching(/that fits: u2netp \(0\.4 GB\), isnet \(1\.0 GB\)\. .* memory: 'fast'/),
      }),
    )
  })
})
