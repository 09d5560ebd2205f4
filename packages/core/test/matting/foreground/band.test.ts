import { describe, expect, test } from 'vitest'
import {
  createBand,
  findSeeds,
  mapNearest,
  type Seeds,
  type Spans,
  shrinkSeeds,
} from '../../../src/matting/foreground/band.ts'
import { viewFrame } from '../../../src/matting/foreground/frame.ts'
import { createNoise, createRandom } from '../read-raster.ts'

function scatterSeeds(width: number, height: number, share: number): Seeds {
  const random = createRandom(width * 1000 + height)
  return {
    data: Uint8Array.from({ length: width * height }, () => (random() < share ? 1 : 0)),
    width,
    height,
  }
}

/** Shows the spans of a row as a string of marks. */
function draw({ edges, count }: Spans, width: number): string {
  const marks = new Array(width).fill('.')
  for (let i = 0; i < count; i++) marks.fill('#', edges[2 * i], edges[2 * i + 1])
  return marks.join('')
}

/** Computes the same marks from the neighborhood of each pixel. */
function drawPlainly({ data, width, height }: Seeds, radius: number, y: number): string {
  return Array.from({ length: width }, (_, x) => {
    for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
      for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++) {
        if (data[row * width + column]) return '#'
      }
    }
    return '.'
  }).join('')
}

describe('createBand', () => {
  for (const width of [1, 31, 32, 33, 100]) {
    for (const radius of [0, 2, 5]) {
      for (const share of [0, 0.003, 0.05, 0.6, 1]) {
        test(`radius ${radius} around ${share * 100} % of ${width}×40 px`, () => {
          const seeds = scatterSeeds(width, 40, share)
          const band = createBand(seeds, radius)
          for (let y = 0; y < 40; y++) expect(draw(band(y), width)).toBe(drawPlainly(seeds, radius, y))
        })
      }
    }
  }
})

test('findSeeds marks fractional alpha, and is undefined without any', () => {
  const frame = viewFrame(createNoise(19, 11))
  const seeds = findSeeds(frame)
  const expected = Array.from(frame.pixels, pixel => (pixel >>> 24 > 0 && pixel >>> 24 < 255 ? 1 : 0))
  expect(Array.from(seeds?.data ?? [])).toEqual(expected)
  const binary = Uint32Array.of(0xffffffff, 0x00ffffff, 0xff000000, 0)
  expect(findSeeds({ pixels: binary, width: 2, height: 2 })).toBeUndefined()
})

test.each([
  [57, 23],
  [60, 1],
  [1, 1],
  [100, 50],
])('a finer band lies within the coarser one of %d×%d', (width, height) => {
  const finer = scatterSeeds(100, 50, 0.004)
  const coarser = shrinkSeeds(finer, width, height)
  const columns = mapNearest(100, width)
  const radius = 3
  for (let y = 0; y < 50; y++) {
    const fine = drawPlainly(finer, radius, y)
    const coarse = drawPlainly(coarser, radius, Math.floor((y * height) / 50))
    for (let x = 0; x < 100; x++) if (fine[x] === '#') expect(coarse[columns[x]]).toBe('#')
  }
})
