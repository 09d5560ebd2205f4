import { expect, test } from 'vitest'
import { checkMatte, describeFinding } from '../../src/matting/check-matte.ts'
import type { FindingCode, Matte, Raster } from '../../src/shared/types.ts'

const SIDE = 512

type Alpha = (x: number, y: number) => number

/** A matte of 512 × 512 from a function of x and y in [0,1] to alpha in [0,1]. */
function draw(alpha: Alpha): Matte {
  const data = new Uint8Array(SIDE * SIDE)
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      data[y * SIDE + x] = Math.round(
        255 * Math.min(1, Math.max(0, alpha((x + 0.5) / SIDE, (y + 0.5) / SIDE))),
      )
  return { data, width: SIDE, height: SIDE }
}

/** A photograph of another size whose colors follow a function in [0,1]. */
function photograph(level: Alpha): Raster {
  const [width, height] = [300, 200]
  const data = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const value = 40 + 160 * level(((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height)
    data.set([value, value, 255 - value, 255], i * 4)
  }
  return { data, width, height, channels: 4 }
}

/** A disc with a soft edge of 1 % of the frame. */
const disc =
  (cx: number, cy: number, r: number): Alpha =>
  (x, y) =>
    0.5 + (r - Math.hypot(x - cx, y - cy)) / 0.01

const ring =
  (inner: number, outer: number): Alpha =>
  (x, y) =>
    disc(0.5, 0.5, outer)(x, y) * (1 - Math.min(1, Math.max(0, disc(0.5, 0.5, inner)(x, y))))

const subject = disc(0.5, 0.5, 0.3)
/** A person from the waist up, cut by the frame. */
const bust: Alpha = (x, y) => Math.max(disc(0.5, 0.35, 0.2)(x, y), disc(0.5, 1, 0.5)(x, y))
/** Its left part is missing up to 3 % from the frame. */
const cut: Alpha = (x, y) => (x < 0.03 ? 0 : disc(0, 0.5, 0.4)(x, y))
const waves: Alpha = (x, y) => 0.5 + 0.5 * Math.sin(90 * Math.hypot(x - 0.5, y - 0.5))

test.each<[name: string, codes: FindingCode[], alpha: Alpha, colors?: Alpha]>([
  ['a subject in the middle', [], subject],
  ['a subject cut by the frame', [], bust],
  ['a small subject', [], disc(0.5, 0.5, 0.05)],
  ['a subject that fills most of the frame', [], disc(0.5, 0.5, 0.55)],
  ['a subject with a hole', [], ring(0.1, 0.3)],
  ['a wheel', [], ring(0.3, 0.4)],
  ['a subject and a small piece of it', [], (x, y) => Math.max(subject(x, y), disc(0.9, 0.9, 0.05)(x, y))],
  ['a subject with a broad soft edge', [], (x, y) => 0.5 + (0.3 - Math.hypot(x - 0.5, y - 0.5)) / 0.03],
  ['noise in the background below 5 %', [], (x, y) => Math.max(subject(x, y), 0.04 * waves(x, y))],

  ['nothing', ['MATTE_EMPTY'], () => 0],
  ['haze below 5 %', ['MATTE_EMPTY'], () => 0.04],
  ['a dot', ['MATTE_NEARLY_EMPTY'], disc(0.5, 0.5, 0.02)],
  ['the whole frame', ['MATTE_FULL'], () => 1],
  ['a subject of which only the outline is left', ['MATTE_HOLLOW'], ring(0.38, 0.4)],
  ['a subject of 60 %', ['MATTE_HOLLOW', 'MATTE_UNSURE'], (x, y) => Math.min(0.6, subject(x, y))],
  ['a subject of 40 %', ['MATTE_UNSURE', 'MATTE_HAZY'], (x, y) => Math.min(0.4, subject(x, y))],
  [
    'haze of 9 % over half of the frame',
    ['MATTE_HAZY'],
    (x, y) => Math.max(subject(x, y), x < 0.5 ? 0.09 : 0),
  ],
  [
    'two subjects of one size',
    ['MATTE_SCATTERED'],
    (x, y) => Math.max(disc(0.25, 0.5, 0.2)(x, y), disc(0.75, 0.5, 0.2)(x, y)),
  ],
  ['a matte without its outermost columns', ['MATTE_CUT_OFF'], cut, disc(0, 0.5, 0.4)],
  ['the same where the photograph has an edge, too', [], cut, cut],
])('%s: %j', (_, codes, alpha, colors = alpha) => {
  const clamped: Alpha = (x, y) => Math.min(1, Math.max(0, colors(x, y)))
  expect(checkMatte(draw(alpha), photograph(clamped)).map(({ code }) => code)).toEqual(codes)
})

test.each([
  ['right', (x: number, y: number) => cut(1 - x, y)],
  ['top', (x: number, y: number) => cut(y, x)],
  ['bottom', (x: number, y: number) => cut(1 - y, x)],
])('finds a cut at the %s side', (_, alpha) => {
  expect(
    checkMatte(
      draw(alpha),
      photograph(() => 0.5),
    ),
  ).toMatchObject([{ code: 'MATTE_CUT_OFF' }])
})

test.each([
  [1, 1],
  [3, 700],
  [700, 3],
  [1, 5000],
])('accepts a matte of %i × %i', (width, height) => {
  const matte = { data: new Uint8Array(width * height).fill(255), width, height }
  expect(
    checkMatte(
      matte,
      photograph(() => 0.5),
    ),
  ).toMatchObject([{ code: 'MATTE_FULL', figure: 1 }])
})

test('gives the figure in the sentence', () => {
  const sentence = (figure: number) => describeFinding({ code: 'MATTE_SCATTERED', figure }).message
  expect(sentence(0.3123)).toContain(': 31 % of')
  expect(sentence(0.00123)).toContain(': 0.1 % of')
})

test('does not depend on the size of the matte', () => {
  const half: Alpha = (x, y) => Math.max(disc(0.25, 0.5, 0.2)(x, y), disc(0.75, 0.5, 0.15)(x, y))
  const large = draw(half)
  const small = {
    data: large.data.filter((_, i) => i % 2 === 0 && Math.floor(i / SIDE) % 2 === 0),
    width: SIDE / 2,
    height: SIDE / 2,
  }
  const [one] = checkMatte(large, photograph(half))
  const [other] = checkMatte(small, photograph(half))
  expect(one.code).toBe('MATTE_SCATTERED')
  // Areas of discs: 0.15² ÷ (0.2² + 0.15²).
  expect(one.figure).toBeCloseTo(0.36, 2)
  expect(other.figure).toBeCloseTo(one.figure, 2)
})
