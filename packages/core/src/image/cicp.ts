import { NobgError } from '../shared/errors.ts'
import {
  type Chromaticity,
  type ColorSpace,
  D65,
  decodeSrgb,
  type Primaries,
  SRGB_PRIMARIES,
} from './color-space.ts'

/** Code points of a color space. @see ITU-T H.273 */
export interface Cicp {
  primaries: number
  transfer: number
}

const C: Chromaticity = [0.31, 0.316]

/** H.273, table 2, without 1, which is sRGB. Other codes are unspecified. */
const primariesByCode: Record<number, Primaries> = {
  4: { red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: C },
  5: { red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: D65 },
  6: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: D65 },
  7: { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: D65 },
  8: { red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049], white: C },
  9: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
  10: { red: [1, 0], green: [0, 1], blue: [0, 0], white: [1 / 3, 1 / 3] },
  11: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: [0.314, 0.351] },
  12: { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 },
  22: { red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077], white: D65 },
}

/** The inverse of the curve of BT.2020, with the constants of H.273. */
function decodeBt2020(sample: number): number {
  const [alpha, beta] = [1.09929682680944, 0.018053968510807]
  return sample < 4.5 * beta ? sample / 4.5 : ((sample + alpha - 1) / alpha) ** (1 / 0.45)
}

function decodeSmpte240(sample: number): number {
  return sample < 0.0913 ? sample / 4 : ((sample + 0.1115) / 1.1115) ** (1 / 0.45)
}

/**
 * H.273, table 3, without 13, which is sRGB. Codes that are not listed count as sRGB, also 1, 6, 11 and 12 (BT.709 and
 * BT.601): these curves describe the camera, not the display, and browsers show such images as sRGB.
 */
const transfersByCode: Record<number, (sample: number) => number> = {
  4: sample => sample ** 2.2,
  5: sample => sample ** 2.8,
  7: decodeSmpte240,
  8: sample => sample,
  9: sample => (sample === 0 ? 0 : 10 ** (2 * (sample - 1))),
  10: sample => (sample === 0 ? 0 : 10 ** (2.5 * (sample - 1))),
  14: decodeBt2020,
  15: decodeBt2020,
  17: sample => (sample ** 2.6 * 52.37) / 48,
}

const hdrTransfers: Record<number, string> = { 16: 'PQ (SMPTE ST 2084)', 18: 'HLG (ARIB STD-B67)' }

/**
 * Returns the color space of code points; undefined if it is sRGB or unspecified.
 *
 * @throws {NobgError} UNSUPPORTED_FORMAT for HDR (PQ, HLG)
 */
export function findColorSpace({ primaries, transfer }: Cicp): ColorSpace | undefined {
  if (hdrTransfers[transfer]) {
    throw new NobgError(
      'UNSUPPORTED_FORMAT',
      `Expected an image of standard dynamic range, got HDR with the transfer function ${hdrTransfers[transfer]}.`,
      {
        hint: 'Export the image as SDR, in sRGB or Display P3.',
      },
    )
  }
  const [own, toLight] = [primariesByCode[primaries], transfersByCode[transfer]]
  if (!own && !toLight) return undefined
  return { primaries: own ?? SRGB_PRIMARIES, toLight: toLight ?? decodeSrgb }
}
