import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { openGifConverter } from '../../src/jobs/convert-to-gif.ts'
import { drawCup } from '../support/pictures.ts'

const { signal: never } = new AbortController()

function open() {
  const gifs = openGifConverter({ isolate: true, concurrency: 1 })
  onTestFinished(gifs.close)
  return gifs
}

/** @returns ids of the child processes of this process */
function listChildren(): string[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  return lines.split('\n').flatMap(line => /^ *(\d+) .*tinypool/.exec(line)?.[1] ?? [])
}

test('a file becomes a GIF', async () => {
  const gif = await open().convert(await drawCup(), never)
  expect(await sharp(gif).metadata()).toMatchObject({ format: 'gif', width: 150, height: 100 })
})

test.skipIf(process.platform !== 'linux')(
  'a conversion that takes long ends with its process when it is canceled, and the next runs (skipped elsewhere than on Linux)',
  async () => {
    const gifs = open()
    await gifs.convert(await drawCup(), never)
    const before = listChildren()
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    const create = { width: 6000, height: 6000, channels: 3, background: 'black', noise } as const
    const large = await sharp({ create }).png({ compressionLevel: 0 }).toBuffer()
    const stop = new AbortController()
    const converted = gifs.convert(large, stop.signal)
    await delay(500)
    stop.abort()
    await expect(converted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(before).not.toEqual([])
    await expect.poll(() => listChildren().filter(id => before.includes(id))).toEqual([])
    expect((await gifs.convert(await drawCup(), never)).byteLength).toBeGreaterThan(100)
  },
)
