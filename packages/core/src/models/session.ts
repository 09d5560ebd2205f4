import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node'
import { NobgError } from '../errors.ts'
import { decodeFloat16 } from './float16.ts'
import type { Model } from './table.ts'

/** What decides how a session runs; never what it computes. */
export interface SessionSettings {
  /** Threads of one inference; 0 leaves it to ONNX Runtime. */
  threads: number
}

/** An open network. */
export interface Session {
  /**
   * Runs the network once.
   *
   * @param input float32, [1, 3, height, width].
   * @returns the one output that is read: float32, [height, width], logits or probabilities as the model's row says.
   * @throws {NobgError} INFERENCE_FAILED
   */
  run(input: Float32Array, width: number, height: number): Promise<{ data: Float32Array; width: number; height: number }>
}

/**
 * Checks a weights file against its row and opens a session on it.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT
 */
export async function openSession(model: Model, path: string, settings: SessionSettings): Promise<Session> {
  await verifyWeights(model, path)
  const ort = await import('onnxruntime-node')
  const session = await createSession(ort, model, path, settings)
  const input = model.input ?? session.inputNames[0]
  const output = model.output ?? session.outputNames[0]
  return {
    async run(data, width, height) {
      const feeds = { [input]: new ort.Tensor('float32', data, [1, 3, height, width]) }
      let result: Tensor
      try {
        result = (await session.run(feeds, [output]))[output]
      } catch (error) {
        throw new NobgError('INFERENCE_FAILED', `${model.id} failed: ${firstLine(error)}`, { cause: error })
      }
      const [rows, columns] = result.dims.slice(-2)
      return { data: readFloats(result, model), width: columns, height: rows }
    },
  }
}

/**
 * A whole-file check, so that a flipped bit is an error and not a strange picture.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT
 */
export async function verifyWeights(model: Model, path: string): Promise<void> {
  const hint = `Delete ${path} and let nobg download it again, or put the right file there.`
  const { size } = await stat(path)
  if (model.bytes && size !== model.bytes) {
    throw new NobgError('WEIGHTS_CORRUPT', `${path}: expected ${model.bytes} bytes for ${model.id}, got ${size}.`, { hint })
  }
  if (!model.sha256) return
  const digest = await digestFile(path)
  if (digest === model.sha256) return
  throw new NobgError('WEIGHTS_CORRUPT', `${path}: expected sha256 ${model.sha256} for ${model.id}, got ${digest}.`, { hint })
}

/** sha256 of a file, 64 hex digits, read as a stream. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

async function createSession(
  ort: typeof import('onnxruntime-node'),
  model: Model,
  path: string,
  { threads }: SessionSettings,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      // A third less peak memory at no measurable time.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(threads > 0 && { intraOpNumThreads: threads }),
    })
  } catch (error) {
    throw new NobgError('WEIGHTS_CORRUPT', `${path}: ONNX Runtime cannot open ${model.id}: ${firstLine(error)}`, {
      hint: 'The file must be an ONNX graph whose operators ONNX Runtime knows.',
      cause: error,
    })
  }
}

function readFloats(tensor: Tensor, model: Model): Float32Array {
  if (tensor.type === 'float32') return (tensor as TypedTensor<'float32'>).data
  if (tensor.type === 'float16') return decodeFloat16(tensor.data as unknown as ArrayBufferView)
  throw new NobgError('INFERENCE_FAILED', `${model.id}: expected a float32 or float16 output, got ${tensor.type}.`)
}

function firstLine(error: unknown): string {
  return String((error as Error)?.message ?? error).split('\n')[0]
}
