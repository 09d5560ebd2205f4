import { NobgError } from '../shared/errors.ts'
import { type Model, models } from './table.ts'

/** How a model's process uses memory. `auto`: faster in batches if the memory suffices; `low`: always the least memory; `fast`: no checks. */
export type MemoryMode = 'auto' | 'low' | 'fast'

/** Peak memory of the process that runs a model, in bytes. */
export interface MemoryEstimate {
  /** If the buffers of a run are kept for the next run. */
  keepingBytes: number
  /** If buffers are freed as soon as they were read, which is slower. */
  frugalBytes: number
  /** The minimum. A model is refused if this exceeds the free memory. */
  leastBytes: number
}

/** Measured peak memory of a model's process, in GB (10⁹ bytes). */
interface Measurement {
  models: readonly string[]
  /** Whether the graph was rewritten with native deformable convolutions. */
  optimized: boolean
  /** Side of the square input in px. */
  side: number
  keeping: number
  frugal: number
  /** The part that does not grow with the input: weights, their copies in the kernels' layout, ONNX Runtime, Node. */
  fixed: number
}

const lite = ['general-light', 'general-light-fp16']
const dynamic = ['general-light-dynamic']
const swinTiny = [...lite, ...dynamic]
const large = ['general-2048', 'matting-2048']
const swinLarge = [
  ...['general-heavy', 'portrait', 'matting', ...large],
  ...['general-heavy-fp16', 'portrait-fp16'],
]

/**
 * Peak RSS (VmHWM) of a Node process over three runs: onnxruntime-node 1.30, memory patterns off, 2 cores of a Xeon,
 * November 2026. u2netp and IS-Net with their weights; BiRefNet with its architecture and random weights, which cost the
 * same. BiRefNet as published was not run without an arena: its `frugal` is the peak of the first run. Optimized graphs of
 * 1024, and of 2048 for `general-2048`: 2 × AMD EPYC, 2026-12-01 (2048: two runs). In the graph of dynamic size, the convolutions
 * that need a known size are not split.
 */
const measurements: readonly Measurement[] = [
  { models: ['u2netp'], optimized: false, side: 320, keeping: 0.41, frugal: 0.37, fixed: 0.1 },
  { models: ['isnet'], optimized: false, side: 1024, keeping: 1.45, frugal: 1.04, fixed: 0.3 },
  { models: ['isnet'], optimized: true, side: 1024, keeping: 0.86, frugal: 0.8, fixed: 0.3 },
  { models: lite, optimized: false, side: 1024, keeping: 7.6, frugal: 7.4, fixed: 0.7 },
  { models: lite, optimized: true, side: 1024, keeping: 1.25, frugal: 1.2, fixed: 0.5 },
  { models: dynamic, optimized: true, side: 1024, keeping: 2.4, frugal: 2.2, fixed: 0.7 },
  { models: swinTiny, optimized: true, side: 2048, keeping: 13.3, frugal: 6, fixed: 0.7 },
  { models: swinLarge, optimized: false, side: 1024, keeping: 9.4, frugal: 9.2, fixed: 1.6 },
  { models: swinLarge, optimized: true, side: 1024, keeping: 2.7, frugal: 2.6, fixed: 1.7 },
  { models: large, optimized: true, side: 2048, keeping: 5.4, frugal: 4.6, fixed: 1.7 },
]

/**
 * Estimates the peak memory of a model's process on the CPU. It takes the nearest measurement and scales the part that
 * grows with the input by the number of pixels. A file with another digest than the published file is optimized. A
 * local model gets a rough figure, three times its file and 2 KB per pixel, and is never refused by that figure.
 *
 * @param model its `sha256` is that of the weights file
 * @param fileBytes size of the weights file
 * @param pixels number of pixels of the network's input
 * @param finePixels number of pixels of the finest picture that runs in tiles; 0 if none does
 */
export function estimateMemory(
  model: Model,
  fileBytes: number,
  pixels: number,
  finePixels = 0,
): MemoryEstimate {
  const network = estimateNetwork(model, fileBytes, pixels)
  const fusing = finePixels * fuseBytes
  return {
    keepingBytes: network.keepingBytes + fusing,
    frugalBytes: network.frugalBytes + fusing,
    leastBytes: network.leastBytes + fusing,
  }
}

/** Bytes per pixel of a matte fused from tiles: three float32 planes, the pictures and the mattes. */
const fuseBytes = 22

function estimateNetwork(model: Model, fileBytes: number, pixels: number): MemoryEstimate {
  const optimized = model.sha256 !== models.find(({ id }) => id === model.id)?.sha256
  const row = findMeasurement(model, optimized, pixels)
  if (!row) {
    const rough = 3 * fileBytes + 2000 * pixels
    return { keepingBytes: rough, frugalBytes: rough, leastBytes: fileBytes }
  }
  const scale = (gb: number) => 1e9 * (row.fixed + ((gb - row.fixed) * pixels) / row.side ** 2)
  const frugalBytes = scale(row.frugal)
  return { keepingBytes: scale(row.keeping), frugalBytes, leastBytes: frugalBytes }
}

function findMeasurement(model: Model, optimized: boolean, pixels: number): Measurement | undefined {
  // A local model may have the name of a built-in model.
  if (model.path) return undefined
  const all = measurements.filter(row => row.models.includes(model.id))
  const alike = all.filter(row => row.optimized === optimized)
  const rows = alike.length > 0 ? alike : all
  const distance = ({ side }: Measurement) => Math.abs(Math.log(side ** 2 / pixels))
  return rows.sort((one, other) => distance(one) - distance(other))[0]
}

/** The largest input, in pixels, for which `auto` keeps buffers. */
const largestKept = 1024 ** 2

/** What decides whether a model's process keeps its buffers between runs. */
export interface MemoryDemand {
  model: Model
  estimate: MemoryEstimate
  /** Number of pixels of the network's input. */
  pixels: number
  mode: MemoryMode
  /** Whether several pictures are being processed or are waiting. */
  isBatch: boolean
  /** Whether the decoded picture takes much memory itself. */
  isLarge: boolean
}

/**
 * Whether a model's process keeps its buffers between runs.
 *
 * - `auto` keeps them if they fit, the input's size is fixed, and the input is at most 1024². That saves 30 to 65 % of the CPU
 *   time of a run: without an arena, each tensor takes new pages from the system. For a single large picture the memory counts:
 *   u2netp holds 120 MB after a run instead of 390, IS-Net 380 instead of 820. At 2048 BiRefNet would hold 13 GB instead of 6,
 *   and inputs of changing size fragment the arena.
 * - `low` never keeps them.
 * - `fast` always keeps them.
 *
 * @param freeBytes memory that this process may still allocate
 */
export function keepsBuffers(
  { model, estimate, pixels, mode, isBatch, isLarge }: MemoryDemand,
  freeBytes: number,
): boolean {
  if (mode !== 'auto') return mode === 'fast'
  const isWorthIt = (isBatch || !isLarge) && typeof model.resolution === 'number' && pixels <= largestKept
  return isWorthIt && estimate.keepingBytes <= freeBytes
}

/** Checks that a model fits, unless the mode is `fast`. @throws {NobgError} INSUFFICIENT_MEMORY */
export function expectMemory({ model, estimate, pixels, mode }: MemoryDemand, freeBytes: number): void {
  if (mode !== 'fast' && estimate.leastBytes > freeBytes) throw refuse(model, estimate, pixels, freeBytes)
}

function refuse(model: Model, { leastBytes }: MemoryEstimate, pixels: number, freeBytes: number): NobgError {
  const side = Math.round(Math.sqrt(pixels))
  const fitting = listFitting(freeBytes).filter(({ id }) => id !== model.id)
  const offers = fitting.map(({ id, leastBytes }) => `${id} (${showGb(leastBytes)})`).join(', ')
  return new NobgError(
    'INSUFFICIENT_MEMORY',
    `Expected ${showGb(leastBytes)} of free memory for ${model.id} at ${side}×${side}, got ${showGb(freeBytes)}.`,
    {
      hint: `${offers && `Use a model that fits: ${offers}. `}Give the machine or its container more memory, or skip this check with the config field memory: 'fast'.`,
    },
  )
}

/** The measured models that fit without optimization. */
function listFitting(freeBytes: number): { id: string; leastBytes: number }[] {
  return models
    .filter(({ id }) => measurements.some(row => row.models.includes(id)))
    .map(model => {
      const { id, bytes = 0, resolution } = model
      const side = typeof resolution === 'number' ? resolution : resolution.default
      return { id, leastBytes: estimateMemory(model, bytes, side ** 2).leastBytes }
    })
    .filter(({ leastBytes }) => leastBytes <= freeBytes)
}

function showGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
