import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NobgError } from '../../src/shared/errors.ts'
import type { Matte } from '../../src/shared/types.ts'
import type { ImageThread } from '../../src/workers/image-thread.ts'
import { createWorkers, type Workers } from '../../src/workers/pools.ts'
import { plainWorkers } from '../support/plain-workers.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const plain = { matteUpsampling: 'guided', refineForeground: false } as const
const refined = { matteUpsampling: 'guided', refineForeground: 'multi-level' } as const
const png = { format: 'png' } as const

let workers: Workers

beforeEach(() => {
  workers = createWorkers(plainWorkers)
})

afterEach(() => workers.close())

/** Composes a gray picture in the thread, with a matte of one level per quarter of its width. */
async function lay(thread: ImageThread, side: number, levels: number[], signal?: AbortSignal) {
  const data = new Uint8Array(side * side * 3).fill(99)
  await thread.run('decode', { data, shape: { width: side, height: side, channels: 3 } }, signal)
  const alpha = Uint8Array.from(
    { length: side * side },
    (_, i) => levels[Math.floor(((i % side) * 4) / side)],
  )
  const matte: Matte = { data: alpha, width: side, height: side }
  const file = await thread.run('encodeMatte', matte, signal)
  await thread.run('decodeMatte', { bytes: file.data }, signal)
  return { pixels: data, matte }
}

/** Returns the outcome of a job without its pixels, because a diff of megabytes stops the test runner. */
const outcomeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'done',
    (error: NobgError) => error.code,
  )

test('composes pixels and a matte, and transfers the arrays', async () => {
  await workers.withImageThread(async thread => {
    const { pixels, matte } = await lay(thread, 4, [255, 255, 0, 0])
    expect([pixels.byteLength, matte.data.byteLength]).toEqual([0, 0])
    await thread.run('compose', plain)
    const alpha = await thread.run('getAlpha', undefined)
    const raster = await thread.run('getRaster', undefined)
    expect([...alpha.data].slice(0, 4)).toEqual([255, 255, 0, 0])
    expect([...raster.data].slice(0, 16)).toEqual([99, 99, 99, 255, 99, 99, 99, 255, 0, 0, 0, 0, 0, 0, 0, 0])
  })
})

test('decodes a file, and encodes cutout and mask', async () => {
  await workers.withImageThread(async thread => {
    const data = new Uint8Array(await readFile(coffee))
    expect(await thread.run('decode', { data })).toEqual({ width: 600, height: 400 })
    const picture = await thread.run('prepare', { width: 32, height: 32 })
    expect(picture).toMatchObject({ width: 32, height: 32, channels: 3, data: { length: 32 * 32 * 3 } })
    const matte: Matte = { data: new Uint8Array(32 * 32).fill(255), width: 32, height: 32 }
    await thread.run(
      'decodeMatte',
      await thread.run('encodeMatte', matte).then(({ data }) => ({ bytes: data })),
    )
    await thread.run('compose', plain)
    const mask = await thread.run('encodeMask', png)
    const cutout = await thread.run('encodeCutout', png)
    expect(await sharp(mask.data).metadata()).toMatchObject({ width: 600, channels: 1 })
    const [theirs, ours] = [sharp(coffee).removeAlpha(), sharp(cutout.data).removeAlpha()]
    expect(Buffer.compare(await theirs.raw().toBuffer(), await ours.raw().toBuffer())).toBe(0)
  })
})

test('a thread works for the next picture after a failed step', async () => {
  const settings = { ...plain, crop: { margin: 0, unit: 'px' } } as const
  const runs = [
    workers.withImageThread(async thread => {
      await lay(thread, 8, [0, 0, 0, 0])
      return thread.run('compose', settings)
    }),
    workers.withImageThread(thread =>
      thread.run('decode', { data: new TextEncoder().encode('no image at all') }),
    ),
    workers.withImageThread(async thread => {
      await lay(thread, 8, [255, 255, 255, 0])
      await thread.run('compose', settings)
      const { width, height } = await thread.run('getRaster', undefined)
      return { width, height }
    }),
  ]
  expect(await Promise.allSettled(runs)).toMatchObject([
    { reason: { code: 'NO_SUBJECT', hint: expect.any(String) } },
    { reason: { code: 'UNSUPPORTED_FORMAT', cause: expect.stringContaining('unsupported image format') } },
    { value: { width: 6, height: 8 } },
  ])
})

test('uses as many threads as `concurrency` allows', async () => {
  workers = createWorkers({ ...plainWorkers, concurrency: 2 })
  let running = 0
  let most = 0
  const cut = () =>
    workers.withImageThread(async thread => {
      most = Math.max(most, ++running)
      await lay(thread, 64, [255, 128, 64, 0])
      await thread.run('compose', plain)
      await thread.run('encodeCutout', png)
      running--
    })
  await Promise.all(Array.from({ length: 12 }, cut))
  expect(most).toBe(2)
})

describe('an abort', () => {
  test('ends a computing thread, and the next picture gets a new one', async () => {
    const stop = new AbortController()
    const run = workers.withImageThread(async (thread, signal) => {
      // A translucent picture takes seconds.
      await lay(thread, 2000, [128, 128, 128, 128])
      setTimeout(() => stop.abort(), 100)
      await thread.run('compose', refined, signal)
      expect.unreachable()
    }, stop.signal)
    const next = workers.withImageThread(thread => lay(thread, 4, [255, 255, 255, 255]))
    expect(await outcomeOf(run)).toBe('ABORTED')
    expect(await outcomeOf(next)).toBe('done')
  })

  test('rejects at once, while sharp finishes its step', async () => {
    const stop = new AbortController()
    const ended: string[] = []
    const run = workers.withImageThread(async (thread, signal) => {
      await lay(thread, 1500, [255, 128, 64, 0])
      await thread.run('compose', plain)
      setImmediate(() => stop.abort())
      await thread.run('encodeCutout', { format: 'avif' }, signal).catch(() => {})
      ended.push('step')
    }, stop.signal)
    const next = workers.withImageThread(async () => ended.push('next'))
    expect(await outcomeOf(run)).toBe('ABORTED')
    expect(ended).toEqual([])
    await next
    expect(ended).toEqual(['step', 'next'])
  })

  test('runs no step of a picture that was released', async () => {
    let kept: ImageThread | undefined
    await workers.withImageThread(async thread => {
      kept = thread
    })
    expect(await outcomeOf(kept!.run('getRaster', undefined))).toBe('ABORTED')
  })

  test('rejects with ABORTED after close', async () => {
    const compute = async (thread: ImageThread, signal: AbortSignal) => {
      await lay(thread, 2000, [128, 128, 128, 128], signal)
      await thread.run('compose', refined, signal)
    }
    const runs = [workers.withImageThread(compute), workers.withImageThread(compute)].map(outcomeOf)
    await workers.close()
    expect(await Promise.all(runs)).toEqual(['ABORTED', 'ABORTED'])
    expect(await outcomeOf(workers.withImageThread(thread => lay(thread, 4, [255, 255, 255, 255])))).toBe(
      'done',
    )
  })

  test('at any moment leaves process and pool working', async () => {
    workers = createWorkers({ ...plainWorkers, concurrency: 2 })
    const outcomes = Array.from({ length: 40 }, async (_, index) => {
      const stop = new AbortController()
      const run = workers.withImageThread(async (thread, signal) => {
        setTimeout(() => stop.abort(), index % 30)
        await lay(thread, 200, [255, 128, 64, 0], signal)
        await thread.run('compose', refined, signal)
        await thread.run('encodeCutout', png, signal)
      }, stop.signal)
      return outcomeOf(run)
    })
    for (const outcome of await Promise.all(outcomes)) expect(['done', 'ABORTED']).toContain(outcome)
    expect(await outcomeOf(workers.withImageThread(thread => lay(thread, 4, [0, 0, 0, 0])))).toBe('done')
  })
})

describe('in a process', () => {
  beforeEach(() => {
    workers = createWorkers({ ...plainWorkers, isolate: true })
  })

  test('the steps have the same results as in a thread', async () => {
    const threads = createWorkers(plainWorkers)
    const cut = ({ withImageThread }: Workers) =>
      withImageThread(async thread => {
        const data = new Uint8Array(await readFile(coffee))
        expect(await thread.run('decode', { data })).toEqual({ width: 600, height: 400 })
        const picture = await thread.run('prepare', { width: 32, height: 32 })
        const matte: Matte = { data: new Uint8Array(1024).fill(200), width: 32, height: 32 }
        const file = await thread.run('encodeMatte', matte)
        await thread.run('decodeMatte', { bytes: file.data })
        await thread.run('compose', refined)
        return [picture, file.data, await thread.run('encodeCutout', png)]
      })
    expect(await cut(workers)).toEqual(await cut(threads))
    await threads.close()
  })

  test('a process works for the next picture after a failed step', async () => {
    const decode = (text: string) =>
      workers.withImageThread(thread => thread.run('decode', { data: new TextEncoder().encode(text) }))
    await expect(decode('no image at all')).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
    const size = await decode('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>')
    expect(size).toEqual({ width: 3, height: 2 })
  })

  /** @returns ids of the child processes of this process; none on other systems than Linux */
  function listChildren(): string[] {
    const path = `/proc/${process.pid}/task/${process.pid}/children`
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : []
  }

  /** Takes minutes. */
  const slow = `<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.05" numOctaves="9"/></filter><rect width="9000" height="9000" filter="url(#f)"/></svg>`

  test.each(['an abort', 'close'])('%s ends a decoder, and the next picture is decoded', async way => {
    const stop = new AbortController()
    let begin = () => {}
    const decoding = new Promise<void>(resolve => {
      begin = resolve
    })
    const run = workers.withImageThread(async (thread, signal) => {
      await lay(thread, 4, [255, 255, 255, 255], signal)
      // The process runs, so the decoder does soon.
      setTimeout(begin, 500)
      await thread.run('decode', { data: new TextEncoder().encode(slow) }, signal)
    }, stop.signal)
    const outcome = outcomeOf(run)
    await decoding
    const [decoder] = listChildren()
    if (way === 'close') await workers.close()
    else stop.abort()
    expect(await outcome).toBe('ABORTED')
    expect(await outcomeOf(workers.withImageThread(thread => lay(thread, 4, [255, 255, 255, 255])))).toBe(
      'done',
    )
    while (decoder && listChildren().includes(decoder)) await new Promise(setImmediate)
  })

  test('aborts at any moment leave process and pool working', async () => {
    workers = createWorkers({ ...plainWorkers, isolate: true, concurrency: 2 })
    const outcomes = Array.from({ length: 20 }, async (_, index) => {
      const stop = new AbortController()
      const run = workers.withImageThread(async (thread, signal) => {
        setTimeout(() => stop.abort(), index % 30)
        await lay(thread, 200, [255, 128, 64, 0], signal)
        await thread.run('encodeMask', png, signal)
      }, stop.signal)
      return outcomeOf(run)
    })
    for (const outcome of await Promise.all(outcomes))
      expect(['done', 'ABORTED', 'INFERENCE_FAILED']).toContain(outcome)
    expect(await outcomeOf(workers.withImageThread(thread => lay(thread, 4, [0, 0, 0, 0])))).toBe('done')
  })
})
