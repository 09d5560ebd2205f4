import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createLiveLines } from '../../src/progress/live-lines.ts'

test('nothing is written to a stream that is no terminal', () => {
  const stream = new PassThrough()
  const lines = createLiveLines(
    () => ['cat.jpg · u2netp · inference'],
    stream as unknown as NodeJS.WriteStream,
  )
  lines.start()
  lines.stop()
  expect(stream.read()).toBeNull()
})
