import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node'
import { NobgError } from '../errors.ts'
import { verifyWeights } from './digest.ts'
import { decodeFloat16 } from './float16.ts'
import type { Model } from './table.ts'

/** What decides how a session runs; never what it computes. */
export interface SessionSettings {
  /** Threads of one inference; 0 leaves it to ONNX Runtime. */
  threads: number
}

/** What a network said. */
interface NetworkOutput {
  /** float32, [height, width], logits or probabilities as the model's row says. */
  data: Float32Array
  /** px */
  width: number
  /** px */
  height: number
}

/** An open network. */
export interface Session {
  /**
   * Runs the network once. Blocks the thread it runs on for its whole length, as ONNX Runtime's binding does.
   *
   * @param input float32, [1, 3, height, width].
   * @returns the one output that is read
   * @throws {NobgError} INFERENCE_FAILED
   */
  run(input: Float32Array, width: number, height: number): Promise<NetworkOutput>
  /** Gives its memory back; it cannot run any more. */
  release(): Promise<void>
}

/** The largest side, in px, at which a network's buffers are worth keeping between runs. */
const largestKept = 1024

/**
 * Checks a weights file against its row and opens a session on it. ONNX Runtime itself is loaded here, and nowhere else.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT
 * @throws {NobgError} INFERENCE_FAILED when the graph has no input or output of the row's name
 */
export async function openSession(model: Model, path: string, settings: SessionSettings): Promise<Session> {
  await verifyWeights(model, path)
  const ort = await import('onnxruntime-node')
  const session = await createSession(ort, model, path, settings)
  const input = chooseName(model, 'input', session.inputNames)
  const output = chooseName(model, 'output', session.outputNames)
  return {
    release: () => session.release(),
    async run(data, width, height) {
      const feeds = { [input]: new ort.Tensor('float32', data, [1, 3, height, width]) }
      try {
        const results = await session.run(feeds, [output])
        return readOutput(results[output], model)
      } catch (error) {
        if (error instanceof NobgError) throw error
        throw new NobgError(
          'INFERENCE_FAILED',
          `${model.id} failed at ${width}×${height}: ${firstLine(error)}`,
          {
            hint: 'Check the description of the model, and that the machine has memory for it.',
            cause: error,
          },
        )
      }
    },
  }
}

async function createSession(
  ort: typeof import('onnxruntime-node'),
  model: Model,
  path: string,
  { threads }: SessionSettings,
): Promise<InferenceSession> {
  const { resolution } = model
  try {
    return await ort.InferenceSession.create(path, {
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      // A plan of the whole run's memory costs a third more of it at its peak, and saves no measurable time.
      enableMemPattern: false,
      // The arena spares a run 5 to 10 % of its time, and never gives memory back. It pays where every run is alike and not
      // too large; BiRefNet at 2048 would hold 13 GB instead of 6, and inputs of changing size leave it in pieces.
      enableCpuMemArena: typeof resolution === 'number' && resolution <= largestKept,
      // Threads that wait in a busy loop gain nothing on an idle machine, and cost a sixth of the time where something else
      // runs beside them, as the decoding and encoding of other images does.
      extra: { 'session.intra_op.allow_spinning': '0' },
      // What goes wrong is thrown, and need not be printed as well.
      logSeverityLevel: 4,
      ...(threads > 0 && { intraOpNumThreads: threads }),
    })
  } catch (error) {
    throw new NobgError(
      'WEIGHTS_CORRUPT',
      `${path}: ONNX Runtime cannot open ${model.id}: ${firstLine(error)}`,
      {
        hint: 'The file must be an ONNX graph whose operators ONNX Runtime knows.',
        cause: error,
      },
    )
  }
}

function chooseName(model: Model, field: 'input' | 'output', names: readonly string[]): string {
  const name = model[field] ?? names[0]
  if (names.includes(name)) return name
  throw new NobgError(
    'INFERENCE_FAILED',
    `Expected ${model.id} to have the ${field} '${name}', got ${names.join(', ')}.`,
    {
      hint: `Correct \`${field}\` in the description of the model, or leave it out to take the first.`,
    },
  )
}

/** The last two dimensions are height and width; those before them must be 1. */
function readOutput(tensor: Tensor, model: Model): NetworkOutput {
  const { dims, type, size } = tensor
  const [height = 1, width = 1] = dims.slice(-2)
  if ((type !== 'float32' && type !== 'float16') || dims.length < 2 || size !== width * height) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected ${model.id} to give float32 or float16 of [1, 1, height, width], got ${type} of [${dims.join(', ')}].`,
      { hint: 'Name another output in the description of the model.' },
    )
  }
  if (type === 'float32') return { data: (tensor as TypedTensor<'float32'>).data, width, height }
  return { data: decodeFloat16(tensor.data as unknown as ArrayBufferView), width, height }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]
}
