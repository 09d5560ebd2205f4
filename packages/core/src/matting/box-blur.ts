/**
 * Averages over a square window twice, so that near samples weigh more than far ones. At the border the window is clipped.
 * Returns a new array: float32, [height, width].
 *
 * @param radius px; the window of each of the two passes is 2 × radius + 1 wide.
 */
export function blurTwice(data: Float32Array, width: number, radius: number): Float32Array {
  const height = data.length / width
  const blurred = data.slice()
  const line = new Float32Array(Math.max(width, height))
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) blurLine(blurred, y * width, 1, width, radius, line)
    for (let x = 0; x < width; x++) blurLine(blurred, x, width, height, radius, line)
  }
  return blurred
}

/** Averages `count` values at a distance of `step`, in place. */
function blurLine(
  data: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
  line: Float32Array,
): void {
  for (let i = 0, from = start; i < count; i++, from += step) line[i] = data[from]
  let sum = 0
  let within = 0
  for (; within < Math.min(radius, count); within++) sum += line[within]
  for (let i = 0, to = start; i < count; i++, to += step) {
    if (i + radius < count) {
      sum += line[i + radius]
      within++
    }
    if (i > radius) {
      sum -= line[i - radius - 1]
      within--
    }
    data[to] = sum / within
  }
}
