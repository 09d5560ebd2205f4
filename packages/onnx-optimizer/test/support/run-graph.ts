import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRandom } from '../../../core/test/matting/read-raster.ts'

/** Runs a graph with reproducible noise in [-1,1) as input `x` of this shape. @returns its first output */
export async function runGraph(path: string, shape: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 4 })
  const random = createRandom(7)
  const noise = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random() - 1)
  const results = await session.run({ x: new Tensor('float32', noise, shape) })
  await session.release()
  return results[session.outputNames[0]].data as Float32Array
}

/** Returns the greatest difference between two lists of the same length. */
export function findWorst(got: Float32Array, expected: Float32Array): number {
  return got.reduce((worst, value, index) => Math.max(worst, Math.abs(value - expected[index])), 0)
}
