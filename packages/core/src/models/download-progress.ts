import type { RunOptions } from '../shared/types.ts'
import type { Model } from './table.ts'

/** Time between two reports. */
const REPORT_EVERY_MS = 100
/** Window over which the speed is measured: a shorter one fluctuates, a longer one reacts too late. */
const WINDOW_MS = 5000

/** Returns a function that reports a download: bytes, speed and time left; at most ten times a second, and at the last byte. */
export function createMeter(
  { id, bytes }: Model,
  onProgress: RunOptions['onProgress'],
): (done: number) => void {
  let marks: { atMs: number; done: number }[] = []
  return done => {
    const atMs = performance.now()
    const isDue = atMs - (marks.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= REPORT_EVERY_MS
    if (!isDue && done !== bytes) return
    marks = [...marks.filter(mark => mark.atMs > atMs - WINDOW_MS && mark.done <= done), { atMs, done }]
    const bytesPerSecond = readSpeed(marks)
    const total = bytes ?? done
    onProgress?.({
      stage: 'download',
      done,
      total,
      model: id,
      ...(bytesPerSecond > 0 && { bytesPerSecond, remainingMs: ((total - done) / bytesPerSecond) * 1000 }),
    })
  }
}

function readSpeed(marks: readonly { atMs: number; done: number }[]): number {
  const [first, last] = [marks[0], marks.at(-1) ?? marks[0]]
  const seconds = (last.atMs - first.atMs) / 1000
  return seconds > 0 ? (last.done - first.done) / seconds : 0
}
