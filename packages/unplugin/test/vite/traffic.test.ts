import { expect, onTestFinished, test, vi } from 'vitest'
import { type Traffic, untilQuiet } from '../../src/vite/traffic.ts'

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise(resolve => setTimeout(resolve, ms)),
}))

test.each<[string, Partial<Traffic>, number]>([
  ['half a second after the last answer', {}, 500],
  ['at once after a page has its modules', { loadedAt: 1e9 }, 0],
  ['after three seconds if a request has no end', { pending: 1 }, 3000],
])('pictures start %s', async (_, traffic, startMs) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let isQuiet = false
  void untilQuiet({ pending: 0, answeredAt: 0, loadedAt: Number.NEGATIVE_INFINITY, ...traffic }).then(() => {
    isQuiet = true
  })
  if (startMs > 0) {
    await vi.advanceTimersByTimeAsync(startMs - 1)
    expect(isQuiet).toBe(false)
  }
  await vi.advanceTimersByTimeAsync(25)
  expect(isQuiet).toBe(true)
})
