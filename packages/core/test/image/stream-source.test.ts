import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { collectStream } from '../../src/image/stream-source.ts'

const limits = { maxBytes: 1000, timeoutMs: 0 }
const kibibyte = () => new Uint8Array(1024)

/** Opens a web stream that delivers `chunks` and then nothing. `canceled` resolves when the stream is canceled. */
function openWebStream(...chunks: unknown[]): {
  stream: ReadableStream<Uint8Array>
  canceled: Promise<unknown>
} {
  let stream = new ReadableStream()
  const canceled = new Promise(cancel => {
    const start = (controller: ReadableStreamDefaultController) => {
      for (const chunk of chunks) controller.enqueue(chunk)
    }
    stream = new ReadableStream({ start, cancel })
  })
  return { stream, canceled }
}

/** Opens a Node stream that delivers `chunks` and then nothing. */
function openNodeStream(...chunks: Uint8Array[]): PassThrough {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  return stream
}

describe('too many bytes', () => {
  test('end a web stream', async () => {
    const { stream, canceled } = openWebStream(kibibyte())
    await expect(collectStream(stream, 'the stream', limits)).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
    })
    await canceled
  })

  test('end a Node stream', async () => {
    const stream = openNodeStream(kibibyte())
    await expect(collectStream(stream, 'the stream', limits)).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
    })
    expect(stream.destroyed).toBe(true)
  })
})

describe('an abort', () => {
  test('cancels a silent web stream', async () => {
    const { stream, canceled } = openWebStream(new Uint8Array(10))
    const controller = new AbortController()
    const collecting = collectStream(stream, 'the stream', { ...limits, signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(collecting).rejects.toMatchObject({ code: 'ABORTED' })
    await canceled
  })

  test('destroys a silent Node stream', async () => {
    const stream = openNodeStream(new Uint8Array(10))
    const controller = new AbortController()
    const collecting = collectStream(stream, 'the stream', { ...limits, signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(collecting).rejects.toMatchObject({ code: 'ABORTED' })
    expect(stream.destroyed).toBe(true)
  })
})

describe('silence', () => {
  test('longer than timeoutMs rejects', async () => {
    const { stream, canceled } = openWebStream(new Uint8Array(10))
    const collecting = collectStream(stream, 'the stream', { ...limits, timeoutMs: 20 })
    await expect(collecting).rejects.toMatchObject({
      code: 'SOURCE_TIMEOUT',
      message: expect.stringContaining('20 ms'),
    })
    await canceled
  })

  test('is measured from the last chunk', async () => {
    const slow = Readable.from(
      (async function* () {
        for (let i = 0; i < 5; i++) {
          await new Promise(resolve => setTimeout(resolve, 100))
          yield new Uint8Array([i])
        }
      })(),
    )
    // 500 ms in total, in steps of 100 ms.
    expect([...(await collectStream(slow, 'the stream', { ...limits, timeoutMs: 400 }))]).toEqual([
      0, 1, 2, 3, 4,
    ])
  })
})

describe('a stream that cannot be read is INVALID_SOURCE', () => {
  const locked = openWebStream().stream
  locked.getReader()
  const closed = Readable.from([new Uint8Array(3)])
  closed.destroy()
  const failing = new Readable({ read: () => failing.destroy(new Error('the disk is gone')) })

  test.each([
    ['locked', locked, /locked/],
    ['closed', closed, /premature close/i],
    ['failing', failing, /the disk is gone/],
    ['text', Readable.from(['abc']), /yields a string/],
    ['text, web', openWebStream(7).stream, /./],
  ])('%s', async (_, stream, message) => {
    const failure = { code: 'INVALID_SOURCE', message: expect.stringMatching(message) }
    await expect(collectStream(stream, 'the stream', limits)).rejects.toMatchObject(failure)
  })
})
