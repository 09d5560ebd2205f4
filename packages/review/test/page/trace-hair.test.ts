import { expect, test } from 'vitest'
import { drawHair } from '../../page/src/draw-hair.ts'
import { type HairPicture, traceHair } from '../../page/src/trace-hair.ts'

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
