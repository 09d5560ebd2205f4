import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { createSteps } from '../../src/workers/steps.ts'

type Format = 'jpeg' | 'png'

/** An encoded picture with a gradient, in memory of its own. */
async function draw(width: number, height: number, format: Format): Promise<Uint8Array> {
  const row = Buffer.from(Uint8Array.from({ length: width * 3 }, (_, i) => i % 251))
  const raw = { width, height: 1, channels: 3 } as const
  const image = sharp(row, { raw }).resize(width, height, { fit: 'fill' })
  return new Uint8Array(await image.toFormat(format).toBuffer())
}

async function decode(data: Uint8Array) {
  const steps = createSteps()
  const size = await steps.decode({ data })
  return { steps, size, pixels: Buffer.from(steps.getRaster().data) }
}

describe('release', () => {
  test('frees the pixels of a large JPEG, and restore decodes the same pixels', async () => {
    const { steps, size, pixels } = await decode(await draw(4000, 2100, 'jpeg'))
    expect(size).toEqual({ width: 4000, height: 2100 })
    steps.release()
    expect(steps.getRaster().data).toHaveLength(0)
    await steps.restore()
    const { data, ...restored } = steps.getRaster()
    expect(restored).toEqual({ width: 4000, height: 2100, channels: 4 })
    expect(Buffer.compare(data, pixels)).toBe(0)
    steps.clear()
    expect(steps.getRaster().data).toHaveLength(0)
  })

  test.each<[number, number, Format]>([
    [1000, 700, 'jpeg'],
    // Decoding takes longer than the memory is worth.
    [4000, 2100, 'png'],
  ])('keeps the pixels of %i×%i px, %s', async (width, height, format) => {
    const { steps, pixels } = await decode(await draw(width, height, format))
    steps.release()
    expect(Buffer.compare(steps.getRaster().data, pixels)).toBe(0)
    await steps.restore()
    expect(Buffer.compare(steps.getRaster().data, pixels)).toBe(0)
  })

  test('frees the file of a JPEG that is restored without release, and of one that is never restored', async () => {
    const data = await draw(4000, 2100, 'jpeg')
    const { steps, pixels } = await decode(data)
    expect(data.byteLength).toBeGreaterThan(0)
    await steps.restore()
    expect(data.byteLength).toBe(0)
    expect(Buffer.compare(steps.getRaster().data, pixels)).toBe(0)

    const unused = await draw(4000, 2100, 'jpeg')
    const { steps: others } = await decode(unused)
    others.release()
    others.clear()
    expect(unused.byteLength).toBe(0)
  })
})
