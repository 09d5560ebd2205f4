/** Bytes of a float32. */
export const floatBytes = 4

/**
 * Share of a buffer's maximum size that the scores of a part may have: several values of this size exist at one time, and ONNX
 * Runtime keeps them for the next ones of the same shape.
 */
const partShare = 1 / 4
/** Maximum number of parts. BiRefNet at 2048 × 2048 has 14; a value that would need more stays whole. */
const maxParts = 64
/** Each part has a copy of the matrices, in the layout of the kernels. The value must be so many times as large as all copies. */
const minGain = 16

/** Returns the number of parts of a value that are small enough. @param bytes size of the value @param bufferBytes maximum size of a buffer */
export function countParts(bytes: number, bufferBytes: number): number {
  return Math.ceil(bytes / (bufferBytes * partShare))
}

/**
 * Chooses the number of parts of an axis: at least as many as needed, and of the same size if possible, because ONNX Runtime
 * keeps buffers for each size.
 *
 * @param count number of places of the axis
 */
export function chooseParts(needed: number, count: number): number {
  for (let parts = needed; parts <= Math.min(count, maxParts); parts++) if (count % parts === 0) return parts
  return Math.min(needed, count)
}

/** Whether a value may have this number of parts. */
export function isPartCount(parts: number): boolean {
  return parts > 1 && parts <= maxParts
}

/** Whether each part may have its own matrices. @param matrixBytes size of all matrices */
export function isWorthCopies(bytes: number, parts: number, matrixBytes: number): boolean {
  return parts * matrixBytes * minGain <= bytes
}
