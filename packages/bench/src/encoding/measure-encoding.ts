import sharp from 'sharp'
import type { Encoding } from './encodings.ts'

/** A cutout. Transparent pixels are zero. */
export interface Cutout {
  /** uint8, [height, width, 4], straight alpha. */
  data: Buffer
  width: number
  height: number
}

/** What an encoding of one cutout takes, and what it loses. */
export interface EncodingFigures {
  bytes: number
  /** CPU time of all threads: the least of several rounds. */
  cpuMs: number
  /** Errors of translucent pixels. */
  edges: Errors
  /** Errors of all pixels that are not transparent. */
  all: Errors
  /** Greatest error of alpha, in levels of 255. */
  alpha: number
}

/** Errors of pixels: the number of pixels by their error in levels of 255, rounded up; and the sum of the errors. */
export interface Errors {
  counts: number[]
  sum: number
}

const noErrors = (): Errors => ({ counts: new Array<number>(256).fill(0), sum: 0 })

/** Adds errors of several pictures. */
export function addErrors(parts: readonly Errors[]): Errors {
  const total = noErrors()
  for (const { counts, sum } of parts) {
    total.sum += sum
    for (const [error, count] of counts.entries()) total.counts[error] += count
  }
  return total
}

/** Mean error, and the error that 99 % of the pixels do not exceed, in levels of 255. */
export function summarizeErrors({ counts, sum }: Errors): { mean: number; high: number } {
  const total = counts.reduce((count, more) => count + more, 0)
  let seen = 0
  const high = counts.findIndex(count => {
    seen += count
    return seen >= 0.99 * total
  })
  return { mean: sum / total, high }
}

/** Encodes a cutout several times and compares the result with the cutout. */
export async function measureEncoding(
  { data, width, height }: Cutout,
  { encode }: Encoding,
  rounds: number,
): Promise<EncodingFigures> {
  let cpuMs = Number.POSITIVE_INFINITY
  let file = Buffer.of()
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    file = await encode(sharp(data, { raw: { width, height, channels: 4 } })).toBuffer()
    const { user, system } = process.cpuUsage(before)
    cpuMs = Math.min(cpuMs, (user + system) / 1000)
  }
  const decoded = await sharp(file).ensureAlpha().raw().toBuffer()
  return { bytes: file.byteLength, cpuMs, ...compare(data, decoded) }
}

/** @param data, decoded uint8, [height, width, 4] */
function compare(data: Uint8Array, decoded: Uint8Array): Omit<EncodingFigures, 'bytes' | 'cpuMs'> {
  const edges = noErrors()
  const all = noErrors()
  let greatest = 0
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]
    greatest = Math.max(greatest, Math.abs(alpha - decoded[at + 3]))
    if (alpha === 0) continue
    const error = comparePixel(data, decoded, at)
    for (const part of alpha < 255 ? [edges, all] : [all]) {
      part.sum += error
      part.counts[Math.ceil(error - 1e-9)]++
    }
  }
  return { edges, all, alpha: greatest }
}

/** The largest difference of a channel between two pixels over black and over white, in levels of 255. */
function comparePixel(one: Uint8Array, other: Uint8Array, at: number): number {
  const [share, otherShare] = [one[at + 3] / 255, other[at + 3] / 255]
  let largest = 0
  for (let channel = at; channel < at + 3; channel++) {
    const overBlack = one[channel] * share - other[channel] * otherShare
    const overWhite = overBlack - 255 * (share - otherShare)
    largest = Math.max(largest, Math.abs(overBlack), Math.abs(overWhite))
  }
  return largest
}

/** Number of different RGBA values: a palette of PNG holds at most 256. */
export function countColors({ data }: Cutout): number {
  return new Set(new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)).size
}
