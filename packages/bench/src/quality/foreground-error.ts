/**
 * Returns the error of a cutout's colors under soft edges: the mean absolute difference over the three channels, in levels
 * of 255, over all pixels whose true alpha is translucent. Each pixel is weighted by its true alpha. Pixels that are
 * transparent in the cutout have no color and are not counted.
 *
 * @param cutout uint8, [height, width, 4], straight alpha.
 * @param truth uint8, [height, width], alpha × 255.
 * @param foreground uint8, [height, width, 3]: the true colors.
 * @returns NaN if no pixel is counted
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
