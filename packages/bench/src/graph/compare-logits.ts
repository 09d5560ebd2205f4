/** Difference of two networks' outputs. */
export interface LogitDifference {
  /** Greatest absolute difference of two logits. */
  logit: number
  /** Standard deviation of the first output's logits, for comparison. */
  deviation: number
  /** Greatest absolute difference of two alphas (sigmoids of the logits). */
  matte: number
}

/** Compares two outputs of the same size, float32 logits. */
export function compareLogits(first: Float32Array, second: Float32Array): LogitDifference {
  let logit = 0
  let matte = 0
  let sum = 0
  let squares = 0
  for (let i = 0; i < first.length; i++) {
    logit = Math.max(logit, Math.abs(first[i] - second[i]))
    matte = Math.max(matte, Math.abs(sigmoid(first[i]) - sigmoid(second[i])))
    sum += first[i]
    squares += first[i] ** 2
  }
  const mean = sum / first.length
  return { logit, matte, deviation: Math.sqrt(squares / first.length - mean ** 2) }
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
