import { onTestFinished } from 'vitest'
import { devWait } from '../../src/vite/dev-wait.ts'

/** Lets requests of this test wait for a picture for `ms`. */
export function shortenDevWait(ms: number): void {
  const before = devWait.ms
  devWait.ms = ms
  onTestFinished(() => {
    devWait.ms = before
  })
}
