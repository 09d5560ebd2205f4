/**
 * How far the colours of a cut-out lie from the true ones under its soft edges: the mean absolute difference over the three
 * channels, in levels, where the truth is translucent. A pixel counts by its true alpha; where the cut-out is wholly
 * transparent it has no colour and does not count.
 *
 * @param cutout uint8, [height, width, 4], straight alpha.
 * @param truth uint8, [height, width], alpha × 255.
 * @param foreground uint8, [height, width, 3]: the true colours.
 * @returns NaN where no pixel counts
 */
export function measureForegroundError(
  cutout: Uint8Array,
  truth: Uint8Array,
  foreground: Uint8Array,
): number {
  let sum = 0
  let weights = 0
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] === 0 || truth[i] === 255 || cutout[4 * i + 3] === 0) continue
    weights += truth[i]
    for (let channel = 0; channel < 3; channel++) {
      sum += (truth[i] * Math.abs(cutout[4 * i + channel] - foreground[3 * i + channel])) / 3
    }
  }
  return sum / weights
}
