/** A 3 × 3 matrix, row by row. */
export type Matrix = readonly [Row, Row, Row]
type Row = readonly [number, number, number]

/** x and y of CIE 1931. */
export type Chromaticity = readonly [x: number, y: number]

/** Chromaticities of pure red, green and blue samples, and of equal samples (white). */
export interface Primaries {
  red: Chromaticity
  green: Chromaticity
  blue: Chromaticity
  white: Chromaticity
}

/** A color space of three samples in [0,1]. */
export interface ColorSpace {
  primaries: Primaries
  /** Converts a sample to linear light, both in [0,1]. */
  toLight(sample: number): number
}

/** White point of sRGB and of most color spaces. */
export const D65: Chromaticity = [0.3127, 0.329]

/** The primaries of sRGB, which are those of BT.709. */
export const SRGB_PRIMARIES: Primaries = {
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
  white: D65,
}

/** @see https://www.brucelindbloom.com/Eqn_ChromAdapt.html */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

/** Converts an sRGB sample to linear light, both in [0,1]. @see IEC 61966-2-1 */
export function decodeSrgb(sample: number): number {
  return sample <= 0.04045 ? sample / 12.92 : ((sample + 0.055) / 1.055) ** 2.4
}

/** Converts linear light to an sRGB sample, both in [0,1]. */
export function encodeSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}

/**
 * Returns the matrix from linear light with these primaries to linear light with sRGB's, with Bradford's adaptation of
 * the white point.
 *
 * @returns undefined if the primaries span no color space.
 * @see https://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html
 */
export function matrixToSrgb(primaries: Primaries): Matrix | undefined {
  const [toXyz, srgbToXyz] = [matrixToXyz(primaries), matrixToXyz(SRGB_PRIMARIES)]
  const adaptation = adaptWhite(toVector(primaries.white), toVector(D65))
  const fromXyz = srgbToXyz && invert(srgbToXyz)
  return toXyz && adaptation && fromXyz && multiply(fromXyz, multiply(adaptation, toXyz))
}

function matrixToXyz({ red, green, blue, white }: Primaries): Matrix | undefined {
  if (white[1] <= 0) return undefined
  const columns = transpose([toRow(red), toRow(green), toRow(blue)])
  const inverse = invert(columns)
  if (!inverse) return undefined
  const scale = apply(inverse, toVector(white))
  return columns.map(row => row.map((value, i) => value * scale[i])) as unknown as Matrix
}

function adaptWhite(from: Row, to: Row): Matrix | undefined {
  const [before, after, inverse] = [apply(BRADFORD, from), apply(BRADFORD, to), invert(BRADFORD)]
  const scaled = BRADFORD.map((row, i) => row.map(value => (value * after[i]) / before[i]))
  return inverse && multiply(inverse, scaled as unknown as Matrix)
}

const toRow = ([x, y]: Chromaticity): Row => [x, y, 1 - x - y]

/** XYZ of a white whose Y is 1. */
const toVector = ([x, y]: Chromaticity): Row => [x / y, 1, (1 - x - y) / y]

function apply(matrix: Matrix, [a, b, c]: Row): Row {
  return matrix.map(row => row[0] * a + row[1] * b + row[2] * c) as unknown as Row
}

function transpose(matrix: Matrix): Matrix {
  return [0, 1, 2].map(i => matrix.map(row => row[i])) as unknown as Matrix
}

function multiply(left: Matrix, right: Matrix): Matrix {
  return transpose(transpose(right).map(column => apply(left, column)) as unknown as Matrix)
}

/** @returns undefined if there is no inverse. */
function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix | undefined {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  if (!(Math.abs(determinant) > 1e-9)) return undefined
  const adjugate: Matrix = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ]
  return adjugate.map(row => row.map(value => value / determinant)) as unknown as Matrix
}
