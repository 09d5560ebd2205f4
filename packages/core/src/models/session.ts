import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node'
import { NobgError } from '../shared/errors.ts'
import type { ExecutionProvider } from '../shared/types.ts'
import { verifyWeights } from './digest.ts'
import { decodeFloat16 } from './float16.ts'
import { type Attempt, openFirst } from './providers.ts'
import type { NetworkOutput, Session } from './session-types.ts'
import type { Model } from './table.ts'

/** What decides how a session runs; never what it computes. */
export interface SessionSettings {
  /** Threads of one inference; 0 leaves it to ONNX Runtime. */
  threads: number
  /** Whether the buffers of a run are kept for the next one. */
  keepBuffers: boolean
  /** What runs the model, the first choice first; where one fails, the next one is tried. */
  executionProviders: readonly ExecutionProvider[]
}

/**
 * Checks a weights file against its row and opens a session on it, on the first execution provider that takes it. ONNX
 * Runtime itself is loaded here, and nowhere else.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT
 * @throws {NobgError} INFERENCE_FAILED when the graph has no input or output of the row's name, or if no graphics card's
 *   provider takes it
 */
export async function openSession(model: Model, path: string, settings: SessionSettings): Promise<Session> {
  await verifyWeights(model, path)
  const ort = await import('onnxruntime-node')
  return openFirst(model.id, settings.executionProviders, async executionProvider => {
    const session = await createSession(ort, model, path, settings, executionProvider)
    return createAttempt(ort, session, model)
  })
}

/** A session on one execution provider. */
function createAttempt(
  ort: typeof import('onnxruntime-node'),
  session: InferenceSession,
  model: Model,
): Attempt {
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
  { threads, keepBuffers }: SessionSettings,
  executionProvider: ExecutionProvider,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      // One at a time: ONNX Runtime does not pass over a provider that finds no device, it throws.
      executionProviders: [executionProvider],
      // 'all' would also reorder the weights and buffers of convolutions, for a copy of each: a third more speed, and a
      // fifth to a third more memory (without buffers kept: u2netp 281 MB instead of 364, IS-Net 0.80 GB instead of 1.04).
      graphOptimizationLevel: keepBuffers ? 'all' : 'extended',
      executionMode: 'sequential',
      // A plan of the whole run's memory costs a third more of it at its peak, and saves no measurable time.
      enableMemPattern: false,
      enableCpuMemArena: keepBuffers,
      // Threads that wait in a busy loop gain nothing on an idle machine, and cost a sixth of the time where something else
      // runs beside them, as the decoding and encoding of other images does.
      extra: { 'session.intra_op.allow_spinning': '0' },
      // What goes wrong is thrown, and need not be printed as well.
      logSeverityLevel: 4,
      ...(threads > 0 && { intraOpNumThreads: threads }),
    })
  } catch (error) {
    const message = `${path}: ONNX Runtime cannot open ${model.id} on ${executionProvider}: ${firstLine(error)}`
    // What the processor cannot open, nothing can; a graphics card's provider fails for want of a card, of a driver or of an operator.
    throw executionProvider === 'cpu'
      ? new NobgError('WEIGHTS_CORRUPT', message, {
          hint: 'The file must be an ONNX graph whose operators ONNX Runtime knows.',
          cause: error,
        })
      : new NobgError('INFERENCE_FAILED', message, {
          hint: "Put 'cpu' behind it in `executionProviders`: it runs everywhere.",
          cause: error,
        })
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
