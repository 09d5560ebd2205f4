import { NobgError } from '../errors.ts'

/** What bounds the reading of one source. */
export interface ReadLimits {
  maxBytes: number
  /** Longest silence in ms, 0 for ever. */
  timeoutMs: number
  signal?: AbortSignal
}

/** @throws {NobgError} SOURCE_TOO_LARGE when `byteLength` is above `maxBytes`. */
export function refuseSize(byteLength: number, maxBytes: number, subject: string): void {
  if (byteLength <= maxBytes) return
  throw new NobgError(
    'SOURCE_TOO_LARGE',
    `${subject} is larger than accepted: expected at most ${maxBytes} bytes, got ${byteLength}.`,
    { hint: 'Raise `maxBytes`, or give a smaller file.' },
  )
}
