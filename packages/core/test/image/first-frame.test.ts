import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { keepFirstFrame } from '../../src/image/first-frame.ts'
import { readMatteFile } from '../../src/image/given-matte.ts'

/** An animation of frames of 8 × 8 px in different colors, with an EXIF orientation. */
async function animate(colors: string[]): Promise<Buffer> {
  const frames = await Promise.all(
    colors.map(background =>
      sharp({ create: { width: 8, height: 8, channels: 4, background } })
        .png()
        .toBuffer(),
    ),
  )
  return sharp(frames, { join: { animated: true } })
    .withMetadata({ orientation: 6 })
    .webp({ lossless: true, loop: 0 })
    .toBuffer()
}

/** Repeats the first frame of an animation. libvips takes longer than the timeout of a test for a million frames. */
function repeatFrame(file: Buffer, count: number): Buffer {
  const at = file.indexOf('ANMF')
  const size = 8 + file.readUInt32LE(at + 4)
  const frame = file.subarray(at, at + size + (size % 2))
  const long = Buffer.concat([file.subarray(0, at), ...Array<Buffer>(count).fill(frame), file.subarray(at)])
  long.writeUInt32LE(long.byteLength - 8, 4)
  return long
}

test('keeps the first frame and the metadata', async () => {
  const file = await animate(['red', 'lime', 'blue'])
  const short = keepFirstFrame(file)
  const before = await sharp(file).metadata()
  const after = await sharp(short).metadata()
  expect([before.pages, before.orientation, after.pages ?? 1, after.orientation]).toEqual([3, 6, 1, 6])
  expect(await sharp(short).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer())
  expect((await decodeImage(file)).data.subarray(0, 4)).toEqual(new Uint8Array([255, 0, 0, 255]))
})

test('leaves other files, and damaged animations', async () => {
  const file = await animate(['red', 'lime'])
  const still = await sharp(file).webp().toBuffer()
  const cut = file.subarray(0, file.byteLength - 10)
  for (const bytes of [
    still,
    await sharp(file).png().toBuffer(),
    cut,
    new Uint8Array(3),
    Buffer.from('RIFF'),
  ])
    expect(keepFirstFrame(bytes)).toBe(bytes)
})

test('an animation of a million frames is as small for the decoder as one of one frame', async () => {
  const file = await animate(['red', 'lime'])
  const long = repeatFrame(file, 1_000_000)
  expect(keepFirstFrame(long)).toEqual(keepFirstFrame(file))
  expect(await decodeImage(long)).toMatchObject({ width: 8, height: 8 })
})

test('a matte that is an animation is its first frame', async () => {
  const white = repeatFrame(await animate(['white', 'black']), 1_000_000)
  expect(await readMatteFile(white)).toMatchObject({
    width: 8,
    height: 8,
    data: new Uint8Array(64).fill(255),
  })
})

test('a million chunks between the frames take no memory each', async () => {
  const file = await animate(['red', 'lime'])
  const at = file.indexOf('ANMF')
  const chunks = Buffer.alloc(8_000_000)
  for (let i = 0; i < chunks.byteLength; i += 8) chunks.write('JUNK', i, 'latin1')
  const long = Buffer.concat([file.subarray(0, at), chunks, file.subarray(at)])
  long.writeUInt32LE(long.byteLength - 8, 4)
  const source = import.meta.resolve('../../src/image/first-frame.ts')
  const worker = new Worker(
    `import('${source}').then(({ keepFirstFrame }) => {
      const { parentPort, workerData } = require('node:worker_threads')
      parentPort.postMessage(keepFirstFrame(workerData).byteLength)
    })`,
    { eval: true, workerData: long, resourceLimits: { maxOldGenerationSizeMb: 48 } },
  )
  const [length] = await once(worker, 'message')
  expect(length).toBe(keepFirstFrame(file).byteLength + chunks.byteLength)
})
