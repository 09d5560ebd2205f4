import { describe, expect, test } from 'vitest'
import { findSeeds } from '../../../src/matting/foreground/band.ts'
import { writeBounded } from '../../../src/matting/foreground/bound.ts'
import { estimateForeground } from '../../../src/matting/foreground/estimate.ts'
import { viewFrame } from '../../../src/matting/foreground/frame.ts'
import type { RowStream } from '../../../src/matting/foreground/level.ts'
import { solveLevels } from '../../../src/matting/foreground/multi-level.ts'
import type { Raster } from '../../../src/shared/types.ts'
import { copyRaster, createNoise, GOLDEN_DIR, readRgb, readRgba } from '../read-raster.ts'
import { measureError } from './measure-error.ts'

/** The multi-level method without the bound. */
function estimateFreely(rgba: Raster): Raster {
  const cutout = copyRaster(rgba)
  const frame = viewFrame(cutout)
  const rows = solveLevels(frame, findSeeds(frame)!)
  for (let y = 0; y < rgba.height; y++) {
    const row = rows.readRow(y)
    for (let x = 0; x < rgba.width; x++) {
      const at = 4 * (y * rgba.width + x)
      if (rgba.data[at + 3] === 255) continue
      for (let channel = 0; channel < 3; channel++) {
        cutout.data[at + channel] = rgba.data[at + 3] === 0 ? 0 : Math.round(row[6 * x + channel])
      }
    }
  }
  return cutout
}

function estimateBounded(rgba: Raster): Raster {
  return estimateForeground(copyRaster(rgba), 'multi-level')
}

/** Grain of a photograph, about −amplitude to amplitude, the same each time. */
function grain(i: number, amplitude: number): number {
  const wave = Math.sin(i * 12.9898) * 43758.5453
  return (wave - Math.floor(wave) - 0.5) * 2 * amplitude
}

function draw(width: number, height: number, paint: (x: number, y: number, i: number) => number[]): Raster {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) data.set(paint(i % width, Math.floor(i / width), i), 4 * i)
  return { data: new Uint8Array(data.buffer), width, height, channels: 4 }
}

/** Mean difference of the colors of translucent pixels, levels. */
function compare(left: Raster, right: Raster): number {
  let sum = 0
  let count = 0
  for (let at = 0; at < left.data.length; at += 4) {
    if (left.data[at + 3] === 0 || left.data[at + 3] === 255) continue
    for (let channel = 0; channel < 3; channel++)
      sum += Math.abs(left.data[at + channel] - right.data[at + channel])
    count += 3
  }
  return sum / count
}

describe('a wrong matte: a part of the subject is translucent', () => {
  // A dark coat (x < 60) with a light collar (x < 120), all of it subject, before a blue background.
  const paint = (haze: (x: number, y: number) => number) =>
    draw(200, 120, (x, y, i) => {
      const noise = grain(i, 4)
      if (x < 60) return [40 + noise, 38 + noise, 36 + noise, 255]
      if (x < 120) return [225 + noise, 220 + noise, 215 + noise, 255 * haze(x, y)]
      return [60 + noise, 90 + noise, 160 + noise, 0]
    })

  test.each([
    { name: 'falls off in a ramp', haze: (x: number) => Math.max(0.02, 0.6 - (x - 60) / 100) },
    { name: 'wavers', haze: (x: number, y: number) => 0.15 + 0.1 * Math.sin(x / 5) * Math.cos(y / 4) },
    {
      name: 'wavers around a half',
      haze: (x: number, y: number) => 0.5 + 0.1 * Math.sin(x / 5) * Math.cos(y / 4),
    },
  ])('alpha that $name keeps the colors of the photograph', ({ haze }) => {
    const rgba = paint(haze)
    const harm = compare(estimateFreely(rgba), rgba)
    expect(harm).toBeGreaterThan(15)
    expect(compare(estimateBounded(rgba), rgba)).toBeLessThan(harm / 8)
  })
})

describe('a right matte: the result is that of the method without the bound', () => {
  test.each([0, 3])('a soft disc, grain of %d levels: within a level on average', amplitude => {
    const rgba = draw(300, 200, (x, y, i) => {
      const share = Math.min(1, Math.max(0, (80 - Math.hypot(x - 150, y - 100)) / 20))
      const noise = grain(i, amplitude)
      return [250 * share, 120 * share, 200 * (1 - share), 255 * share].map(v => Math.round(v + noise))
    })
    for (let at = 3; at < rgba.data.length; at += 4) {
      const distance = Math.hypot(((at >> 2) % 300) - 150, Math.floor((at >> 2) / 300) - 100)
      rgba.data[at] = Math.round(255 * Math.min(1, Math.max(0, (80 - distance) / 20)))
    }
    expect(compare(estimateBounded(rgba), estimateFreely(rgba))).toBeLessThanOrEqual(1)
  })

  test('glass: an area of level alpha keeps its estimate', () => {
    const rgba = draw(160, 120, x => {
      const share = x < 40 ? 0 : 0.3
      return [40 + 180 * share, 60 + 20 * share, 120 - 60 * share, Math.round(255 * share)].map(Math.round)
    })
    expect(compare(estimateBounded(rgba), estimateFreely(rgba))).toBeLessThanOrEqual(1)
  })

  test('hair: the mean error rises by less than a tenth of a level', async () => {
    const truth = await readRgb(`${GOLDEN_DIR}synthetic-hair.truth.png`)
    const rgba = await readRgba(
      `${GOLDEN_DIR}synthetic-hair.image.png`,
      `${GOLDEN_DIR}synthetic-hair.alpha.png`,
    )
    const free = measureError(estimateFreely(rgba), truth)
    expect(measureError(estimateBounded(rgba), truth)).toBeLessThan(free + 0.1)
  })
})

test('a part of a picture gives the same pixels as the whole, from 9 px on', () => {
  const [width, height] = [60, 50]
  const rgba = createNoise(width, height)
  const colors = Float32Array.from({ length: width * height * 6 }, (_, i) => 127 + grain(i, 127))
  const bound = (top: number, rows: number): Raster => {
    const part = { ...rgba, height: rows, data: rgba.data.slice(top * width * 4, (top + rows) * width * 4) }
    const stream: RowStream = {
      width,
      height: rows,
      readRow: y => colors.subarray((top + y) * width * 6, (top + y + 1) * width * 6),
    }
    writeBounded(viewFrame(part), stream)
    return part
  }
  const whole = bound(0, height).data
  expect(bound(20, 30).data.subarray(9 * width * 4)).toEqual(whole.subarray(29 * width * 4))
  expect(bound(0, 30).data.subarray(0, 21 * width * 4)).toEqual(whole.subarray(0, 21 * width * 4))
})
