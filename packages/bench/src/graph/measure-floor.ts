// Child process: measures how many floating-point operations ONNX Runtime's dense MatMul makes per second of CPU time, and sends it.
import { loadRuntime } from '../../../core/src/models/onnx-runtime.ts'
import { encodeField } from '../../../onnx-optimizer/src/encode.ts'
import { makeNoise } from './noise.ts'

const side = 2048
const rounds = 8

const {
  ort: { InferenceSession, Tensor },
} = await loadRuntime(0)
const session = await InferenceSession.create(encodeMatMul(), {
  extra: { 'session.intra_op.allow_spinning': '0' },
})
const [a, b] = [0, 1].map(() => new Tensor('float32', makeNoise(side ** 2), [side, side]))
let leastMs = Number.POSITIVE_INFINITY
for (let round = 0; round < rounds; round++) {
  const start = process.cpuUsage()
  await session.run({ a, b })
  const { user, system } = process.cpuUsage(start)
  leastMs = Math.min(leastMs, (user + system) / 1000)
}
process.send?.({ gigaflopsPerCpuS: (2 * side ** 3) / 1e6 / leastMs })

/** Encodes an ONNX model that multiplies two matrices. @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
function encodeMatMul(): Uint8Array {
  const node = Buffer.concat([
    ...['a', 'b'].map(name => encodeField(1, name)),
    encodeField(2, 'y'),
    encodeField(4, 'MatMul'),
  ])
  const graph = Buffer.concat([
    encodeField(1, node),
    encodeField(2, 'floor'),
    ...['a', 'b'].map(name => encodeField(11, encodeMatrix(name))),
    encodeField(12, encodeMatrix('y')),
  ])
  return Buffer.concat([encodeField(1, 8), encodeField(7, graph), encodeField(8, encodeField(2, 17))])
}

/** A float32 matrix as input or output of the graph. */
function encodeMatrix(name: string): Uint8Array {
  const dimension = encodeField(1, encodeField(1, side))
  const type = Buffer.concat([encodeField(1, 1), encodeField(2, Buffer.concat([dimension, dimension]))])
  return Buffer.concat([encodeField(1, name), encodeField(2, encodeField(1, type))])
}
