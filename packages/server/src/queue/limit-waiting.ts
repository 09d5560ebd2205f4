import { QueueFullError } from '../requests/queue.ts'
import type { Entry } from './entry.ts'
import type { Line } from './line.ts'

interface WaitingLimits {
  /** Maximum of waiting requests. */
  maxWaiting: number
  /** Maximum of the images of all waiting requests together, in characters. */
  maxWaitingBytes: number
}

/** Writes the record of a request, which counts as waiting meanwhile. @throws {QueueFullError} before the write */
export type LimitWaiting = (inputLength: number, write: () => Promise<void>) => Promise<void>

export function limitWaiting(
  { maxWaiting, maxWaitingBytes }: WaitingLimits,
  line: Line<Entry>,
): LimitWaiting {
  /** Requests whose records are being written. */
  let arriving = 0
  /** Characters of their images. */
  let arrivingLength = 0

  function refuseIfFull(length: number): void {
    if (line.length + arriving >= maxWaiting)
      throw new QueueFullError(`Expected at most ${maxWaiting} requests to wait.`)
    let waiting = arrivingLength
    for (const { inputLength } of line) waiting += inputLength
    // A single image is always accepted: other limits apply to it.
    if (waiting > 0 && waiting + length > maxWaitingBytes)
      throw new QueueFullError(`Expected waiting images of at most ${maxWaitingBytes} bytes.`)
  }

  return async (length, write) => {
    refuseIfFull(length)
    arriving++
    arrivingLength += length
    try {
      await write()
    } finally {
      arriving--
      arrivingLength -= length
    }
  }
}
