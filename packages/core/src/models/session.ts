import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node'
import { firstLineOf, NobgError } from '../shared/errors.ts'
import type { ExecutionProvider } from '../shared/types.ts'
import { verifyWeights } from './digest.ts'
import { decodeFloat16 } from './float16.ts'
import { type LoadedRuntime, loadRuntime, type OnnxRuntime } from './onnx-runtime.ts'
import { type Attempt, openFirst } from './providers.ts'
import type { NetworkOutput, Session } from './session-types.ts'
import type { Model } from './table.ts'

/** How a session runs. These settings do not change its results. */
export interface SessionSettings {
  /** Threads of one inference; 0 lets ONNX Runtime choose. */
  threads: number
  /** Whether the buffers of a run are kept for the next run. */
  keepBuffers: boolean
  /** Execution providers in order of preference. If one fails, the next is tried. */
  executionProviders: readonly ExecutionProvider[]
}

/**
 * Verifies a weights file and opens a session on the first execution provider that accepts it. ONNX Runtime is loaded
 * only here.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT if size or digest differ, or if ONNX Runtime cannot open the file on the CPU
 * @throws {NobgError} INFERENCE_FAILED if no package of ONNX Runtime loads, if the graph lacks the model's input or output,
 *   or if no other provider opens it
 */
export async function openSession(model: Model, path: string, settings: SessionSettings): Promise<Session> {
  await verifyWeights(model, path)
  const loaded = await loadRuntime(settings.threads)
  const session = await openFirst(model.id, settings.executionProviders, async executionProvider => {
    const session = await createSession(loaded, model, path, settings, executionProvider)
    return createAttempt(loaded.ort, session, model)
  })
  const { ort: _, ...runtime } = loaded
  return { ...session, runtime }
}

/** A session on one execution provider. */
function createAttempt(ort: OnnxRuntime, session: InferenceSession, model: Model): Attempt {
  const input = chooseName(model, 'input', session.inputNames)
  const output = chooseName(model, 'output', session.outputNames)
  return {
    release: () => session.release(),
    async run(data, width, height) {
      const feeds = { [input]: new ort.Tensor('float32', data, [1, 3, height, width]) }
      try {
        const results = await session.run(feeds, [output])
        return await readOutput(results[output], model)
      } catch (error) {
        if (error instanceof NobgError) throw error
        throw new NobgError(
          'INFERENCE_FAILED',
          `Expected ${model.id} to run at ${width}×${height}, got: ${firstLineOf(error)}`,
          {
            hint: 'Check the resolution and the tensor names of the model. If the memory ran out, give the machine more memory.',
            cause: error,
          },
        )
      }
    },
  }
}

async function createSession(
  { ort, isWasm }: LoadedRuntime,
  model: Model,
  path: string,
  { threads, keepBuffers }: SessionSettings,
  executionProvider: ExecutionProvider,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      // One provider only: ONNX Runtime throws for a provider without a device instead of trying the next.
      executionProviders: [executionProvider],
      // In all memory modes: another level adds in another order, which changes pixels. 'all' also changes the layout of
      // convolutions: a third faster, for more memory ('extended', buffers not kept: u2netp 364 instead of 281 MB).
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      // Memory patterns raise the peak by a third and save no measurable time.
      enableMemPattern: false,
      enableCpuMemArena: keepBuffers,
      // Spinning gains nothing on an idle machine and costs a sixth of the time while other images are decoded and encoded.
      extra: { 'session.intra_op.allow_spinning': '0' },
      // Errors are thrown; ONNX Runtime need not print them too.
      logSeverityLevel: 4,
      ...(threads > 0 && { intraOpNumThreads: threads }),
    })
  } catch (error) {
    const message = `${path}: ONNX Runtime cannot open ${model.id} on ${executionProvider}: ${firstLineOf(error)}`
    if (isWasm && /alloc|memory/i.test(message))
      throw new NobgError('INFERENCE_FAILED', message, {
        hint: 'The WebAssembly build of ONNX Runtime has at most 4 GB: use a smaller model.',
        cause: error,
      })
    // A file that the CPU provider cannot open is damaged or unsupported. Other providers also fail without a device or driver.
    throw executionProvider === 'cpu'
      ? new NobgError('WEIGHTS_CORRUPT', message, {
          hint:
            model.path === undefined
              ? 'Report this error with the output of npx nobg doctor.'
              : 'Use an ONNX file whose operators ONNX Runtime supports.',
          cause: error,
        })
      : new NobgError('INFERENCE_FAILED', message, {
          hint: "Add 'cpu' at the end of `executionProviders`.",
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
      hint: `Correct \`${field}\` of the model, or omit it to use the first ${field}.`,
    },
  )
}

/** Reads [1, …, height, width]: all dimensions before the last two must be 1. */
async function readOutput(tensor: Tensor, model: Model): Promise<NetworkOutput> {
  const { dims, type, size } = tensor
  const [height = 1, width = 1] = dims.slice(-2)
  if ((type !== 'float32' && type !== 'float16') || dims.length < 2 || size !== width * height) {
    throw new NobgError(
      'INFERENCE_FAILED',
      `Expected ${model.id} to give float32 or float16 of [1, 1, height, width], got ${type} of [${dims.join(', ')}].`,
      { hint: 'Name another `output` of the model.' },
    )
  }
  if (type === 'float32') return { data: (tensor as TypedTensor<'float32'>).data, width, height }
  return { data: await decodeFloat16(tensor.data as unknown as ArrayBufferView), width, height }
}
