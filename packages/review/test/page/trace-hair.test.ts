import { expect, test } from 'vitest'
import { drawHair } from '../../page/src/draw-hair.ts'
import type { HairPicture } from '../../page/src/sample-rows.ts'
import { traceHair } from '../../page/src/trace-hair.ts'

const [width, height] = [120, 60]

/** Middle of the hair: a shallow arc. */
const hairAt = (x: number) => 30 + 8 * ((x - 60) / 60) ** 2

/** A hair of a contrast over a background that is dark on the left and bright on the right, with noise of 4 levels. */
function draw(contrast: number): HairPicture {
  const colors = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const ground = x < 60 ? 90 : 150
    const noise = ((x * 31 + y * 17) % 9) - 4
    const share = Math.min(1, Math.max(0, 1.5 - Math.abs(y + 0.5 - hairAt(x))))
    colors.fill(ground + noise + contrast * share, 4 * i, 4 * i + 3)
    colors[4 * i + 3] = 255
  }
  return { colors, width, height }
}

/** A stroke along the hair by a hand that is up to 3 px beside it. */
const path = Array.from({ length: 11 }, (_, i) => ({
  x: 10 + 10 * i,
  y: hairAt(10 + 10 * i) + 3 * Math.sin(i),
}))

test.each([40, 14, -40])('a stroke beside a hair of %i levels follows the hair', contrast => {
  const hair = traceHair(draw(contrast), path, 6)!
  expect(hair.points.length).toBeGreaterThan(95)
  const errors = hair.points.map(({ x, y }) => Math.abs(y - hairAt(x)))
  expect(Math.max(...errors.slice(8, -8))).toBeLessThan(1.2)
  expect(hair.halfWidth).toBeGreaterThan(0.5)
  expect(hair.halfWidth).toBeLessThan(2.1)
  expect(hair.clearness.slice(10, -10).every(share => share === 1)).toBe(true)
})

test('a step between two areas is no hair', () => {
  const picture = draw(0)
  for (let i = 0; i < width * height; i++)
    picture.colors.fill(i < (width * height) / 2 ? 60 : 200, 4 * i, 4 * i + 3)
  expect(traceHair(picture, path, 6)).toBeUndefined()
})

test('noise is no hair, and a dab follows none', () => {
  expect(traceHair(draw(0), path, 6)).toBeUndefined()
  expect(traceHair(draw(40), path.slice(0, 1), 6)).toBeUndefined()
})

test('a hair is drawn as wide as it is, and fades at its ends', () => {
  const hair = traceHair(draw(40), path, 6)!
  const effect = drawHair(hair, { left: 0, top: 0, right: width, bottom: height })
  const column = (x: number) => Array.from({ length: height }, (_, y) => effect[y * width + x])
  const middle = column(60)
  expect(Math.max(...middle)).toBeGreaterThan(240)
  // The hair takes 2 px, with soft edges.
  const sum = middle.reduce((total, level) => total + level, 0) / 255
  expect(sum).toBeGreaterThan(1.2)
  expect(sum).toBeLessThan(4.2)
  expect(middle[20]).toBe(0)
  expect(Math.max(...column(11))).toBeLessThan(Math.max(...column(30)))
  const part = drawHair(hair, { left: 40, top: 20, right: 80, bottom: 40 })
  expect([...part.slice(20, 40)]).toEqual([...effect.slice(20 * width + 60, 20 * width + 80)])
})

/** Pixels of a line beside the rim: the first or last row or column, or the second or third from there. */
const rims = (['top', 'bottom', 'left', 'right'] as const).flatMap(side =>
  [0, 1, 2].map(from => [side, from] as const),
)

/** Draws a line parallel to a side, on a background with noise. The background changes by `slope` levels per px. */
function drawAtRim(side: (typeof rims)[number][0], from: number, contrast: number, slope = 0): HairPicture {
  const colors = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const distance = { top: y, bottom: height - 1 - y, left: x, right: width - 1 - x }[side]
    const noise = ((x * 31 + y * 17) % 9) - 4
    colors.fill(100 + noise + slope * distance + (distance === from ? contrast : 0), 4 * i, 4 * i + 3)
    colors[4 * i + 3] = 255
  }
  return { colors, width, height }
}

/** A stroke along a line parallel to a side, by a hand that is up to 1 px beside it. */
function strokeAtRim(side: (typeof rims)[number][0], from: number) {
  return Array.from({ length: 9 }, (_, i) => {
    const [along, across] = [5 + 6 * i, from + 0.5 + Math.sin(i)]
    if (side === 'top') return { x: along, y: across }
    if (side === 'bottom') return { x: along, y: height - across }
    return { x: side === 'left' ? across : width - across, y: along }
  })
}

test.each(rims)('a hair at the %s rim, %i px from the last pixels, is traced', (side, from) => {
  for (const contrast of [40, -40]) {
    const hair = traceHair(drawAtRim(side, from, contrast), strokeAtRim(side, from), 4)!
    const middle = hair.points.slice(8, -8).map(({ x, y }) => {
      return { top: y, bottom: height - y, left: x, right: width - x }[side]
    })
    expect(Math.max(...middle.map(distance => Math.abs(distance - from - 0.5)))).toBeLessThan(1)
    const effect = drawHair(hair, { left: 0, top: 0, right: width, bottom: height })
    const at = {
      top: [30, from],
      bottom: [30, height - 1 - from],
      left: [from, 30],
      right: [width - 1 - from, 30],
    }[side]
    expect(effect[at[1] * width + at[0]]).toBeGreaterThan(150)
  }
})

test.each(rims)('at the %s rim, %i px from the last pixels, noise and shading are no hair', (side, from) => {
  for (const slope of [0, 1, -1])
    expect(traceHair(drawAtRim(side, from, 0, slope), strokeAtRim(side, from), 4)).toBeUndefined()
})

test('a stroke that leaves the picture follows the hair inside of it', () => {
  const hair = traceHair(
    drawAtRim('top', 5, 40),
    [
      { x: -60, y: 5 },
      { x: 100, y: 6 },
    ],
    6,
  )!
  const inside = hair.points.filter(({ x }) => x > 10 && x < 90)
  expect(Math.max(...inside.map(({ y }) => Math.abs(y - 5.5)))).toBeLessThan(1)
})
