import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { coffee, measureDistance, openEngine } from './open-engine.ts'

const { dir, nobg } = await openEngine()
const model = 'u2netp'
const text = import.meta.filename
const unsupported = { name: 'NobgError', code: 'UNSUPPORTED_FORMAT' }
const discard = () => new Writable({ write: (_chunk, _encoding, done) => done() })

describe('a cutout as a stream', () => {
  test('is piped from source to destination', async () => {
    const file = join(dir, 'piped.webp')
    const destination = createWriteStream(file)
    createReadStream(coffee).pipe(nobg({ model })).resize(40).webp().pipe(destination)
    await once(destination, 'finish')
    expect(await sharp(file).metadata()).toMatchObject({ format: 'webp', width: 40, hasAlpha: true })
  })

  test('works in a pipeline with small chunks', async () => {
    const file = join(dir, 'pipelined.png')
    const slow = createReadStream(coffee, { highWaterMark: 1000 })
    await pipeline(slow, nobg({ model }), createWriteStream(file))
    expect(await measureDistance(sharp(file), nobg(coffee, { model }))).toBe(0)
  })

  test('starts a pipeline if it has an input', async () => {
    const file = join(dir, 'from-path.png')
    await pipeline(nobg(coffee, { model }).resize(50), createWriteStream(file))
    expect((await sharp(file).metadata()).width).toBe(50)
  })

  test('ends a pipeline, and gives metadata afterwards', async () => {
    const cutout = nobg({ model })
    await pipeline(createReadStream(coffee), cutout)
    expect(await cutout.metadata()).toMatchObject({ width: 600, channels: 4 })
  })

  test('is an async iterable', async () => {
    const chunks: Buffer[] = []
    for await (const chunk of nobg(coffee, { model }).resize(20).png()) chunks.push(chunk)
    expect((await sharp(Buffer.concat(chunks)).metadata()).width).toBe(20)
  })

  test('works between two sharp instances', async () => {
    const after = sharp().resize(25)
    createReadStream(coffee).pipe(sharp().flop()).pipe(nobg({ model })).pipe(after)
    expect(await after.metadata()).toMatchObject({ width: 600 })
    expect((await after.toBuffer({ resolveWithObject: true })).info).toMatchObject({ width: 25, channels: 4 })
  })

  test('feeds several clones', async () => {
    const cutout = nobg({ model })
    const files = [30, 60].map(width => {
      const file = join(dir, `clone-${width}.png`)
      return pipeline(cutout.clone().resize(width), createWriteStream(file)).then(() => file)
    })
    createReadStream(coffee).pipe(cutout)
    const widths = (await Promise.all(files)).map(async file => (await sharp(file).metadata()).width)
    expect(await Promise.all(widths)).toEqual([30, 60])
  })
})

describe('a failure', () => {
  test('reaches the whole pipeline', async () => {
    const source = createReadStream(text)
    await expect(pipeline(source, nobg({ model }), discard())).rejects.toMatchObject(unsupported)
    expect(source.destroyed).toBe(true)
  })

  test('reaches a pipeline that ends in the cutout', async () => {
    await expect(pipeline(createReadStream(text), nobg({ model }))).rejects.toMatchObject(unsupported)
  })

  test('is the event error of a piped cutout', async () => {
    const cutout = createReadStream(text).pipe(nobg({ model }))
    cutout.pipe(discard())
    const [error] = await once(cutout, 'error').catch(error => [error])
    expect(error).toMatchObject(unsupported)
    expect(cutout.destroyed).toBe(true)
  })

  test('is the event error of a stream that is read later', async () => {
    const cutout = createReadStream(text).pipe(nobg({ model }))
    await expect(cutout.metadata()).rejects.toMatchObject(unsupported)
    await expect(pipeline(cutout, discard())).rejects.toMatchObject(unsupported)
  })

  test('is the event error of a clone', async () => {
    const clone = nobg(text, { model }).clone().resize(10)
    await expect(pipeline(clone, discard())).rejects.toMatchObject(unsupported)
  })

  test('unpipes a source that never ends', async () => {
    const endless = new PassThrough()
    const cutout = endless.pipe(nobg({ model, signal: AbortSignal.timeout(100) }))
    endless.write('no image')
    await expect(cutout.toBuffer()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(endless.listenerCount('data')).toBe(0)
  })

  test('of the source is the failure of the pipeline', async () => {
    const broken = Readable.from(
      (async function* () {
        yield await readFile(text)
        throw new Error('the line is cut')
      })(),
    )
    const cutout = nobg({ model })
    await expect(pipeline(broken, cutout, discard())).rejects.toThrow('the line is cut')
    expect(cutout.destroyed).toBe(true)
  })

  test('of the destination stops the work', async () => {
    const cutout = nobg(coffee, { model })
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) })
    await expect(pipeline(cutout, full)).rejects.toThrow('the disk is full')
    expect(cutout.destroyed).toBe(true)
  })

  test('of an input stream is kept until a method is called', async () => {
    const cutout = nobg(createReadStream(join(dir, 'nowhere.jpg')), { model })
    await new Promise(resolve => setTimeout(resolve, 100))
    await expect(cutout.toBuffer()).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
  })
})

test('all methods of a destroyed cutout reject', async () => {
  const cutout = nobg(coffee, { model })
  const clone = cutout.clone()
  const asked = cutout.toBuffer()
  cutout.destroy()
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(cutout.metadata()).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(clone.toBuffer()).rejects.toMatchObject({ code: 'ABORTED' })
})

test('bytes written to a cutout with an input are an error', async () => {
  const refused = { code: 'INVALID_SOURCE', message: expect.stringContaining('Expected no piped data') }
  await expect(pipeline(createReadStream(coffee), nobg(coffee, { model }))).rejects.toMatchObject(refused)
  const cutout = createReadStream(coffee).pipe(nobg(coffee, { model }))
  await expect(cutout.toBuffer()).rejects.toMatchObject(refused)
})

test('an empty stream is an error', async () => {
  const cutout = nobg({ model })
  cutout.end()
  await expect(cutout.toBuffer()).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
})
