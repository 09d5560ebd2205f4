import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Config, createRemover, fileStore, type Remover } from '../../src/index.ts'

const photos = join(import.meta.dirname, '../../../../examples/vite/src/photos')
const coffee = join(photos, 'coffee.png')
const model = 'u2netp'

let dir: string
let photo: string
let warnings: string[]
let open: Remover[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-mattes-'))
  photo = join(dir, 'src', 'coffee.png')
  await mkdir(join(dir, 'src'))
  await copyFile(coffee, photo)
  warnings = []
  open = []
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(open.map(remover => remover.close()))
  await rm(dir, { recursive: true, force: true })
})

/** A remover with an empty cache of its own, as on another machine. */
function openRemover(config: Config = {}): Remover {
  const remover = createRemover({
    root: dir,
    cacheDir: join(dir, `cache-${open.length}`),
    modelsDir: join(dir, 'models'),
    logger: { info() {}, warn: message => warnings.push(message) },
    ...config,
  })
  open.push(remover)
  return remover
}

/** A matte whose left half is opaque. */
function halfMatte(width = 300, height = 200): Promise<Buffer> {
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 255 : 0))
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

/** Alpha at two points: in the left and in the right half. */
async function alphaOfHalves(data: Uint8Array): Promise<[number, number]> {
  const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true })
  const at = (x: number) =>
    pixels[(Math.floor(info.height / 2) * info.width + Math.floor(info.width * x)) * 4 + 3]
  return [at(0.1), at(0.9)]
}

async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(dir, folder), { recursive: true }).catch(() => [])
  return names.filter(name => /\.\w+$/.test(name) && name.includes('.png/')).sort()
}

describe('a matte of the user', () => {
  test('beside the photograph replaces the model', async () => {
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    const { data, matte, timings } = await openRemover().removeBackground(photo, { model })
    expect(matte).toBe('own')
    expect(timings.inference).toBeUndefined()
    expect(await alphaOfHalves(data)).toEqual([255, 0])
  })

  test('needs no weights', async () => {
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    const remover = openRemover({ download: false })
    expect(await remover.isReady(await remover.plan(photo, { model: 'portrait' }))).toBe(true)
    await expect(remover.removeBackground(photo, { model: 'portrait' })).resolves.toMatchObject({
      matte: 'own',
    })
  })

  test('as an option wins over the one beside the photograph', async () => {
    const full = sharp({ create: { width: 30, height: 20, channels: 3, background: 'white' } })
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    const { data } = await openRemover().removeBackground(photo, { matte: await full.png().toBuffer() })
    expect(await alphaOfHalves(data)).toEqual([255, 255])
  })

  test('may be decoded pixels', async () => {
    const data = await sharp(await halfMatte())
      .raw()
      .toBuffer()
    const matte = { data, width: 300, height: 200, channels: 3 } as const
    const result = await openRemover().removeBackground(photo, { matte })
    expect(await alphaOfHalves(result.data)).toEqual([255, 0])
  })

  test('is ignored with `matte: false`', async () => {
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    const { matte } = await openRemover().removeBackground(photo, { model, matte: false })
    expect(matte).toBe('predicted')
  })

  test('makes a new cutout when it changes', async () => {
    const beside = join(dir, 'src', 'coffee.matte.png')
    await writeFile(beside, await halfMatte())
    const remover = openRemover()
    const first = await remover.plan(photo, { model })
    await writeFile(beside, await halfMatte(150, 100))
    expect((await remover.plan(photo, { model })).key).not.toBe(first.key)
  })

  test.each<[string, () => Promise<Uint8Array>]>([
    ['of another shape', () => halfMatte(200, 200)],
    ['that is cut off', async () => (await halfMatte()).subarray(0, 60)],
    ['whose file has no bytes', async () => new Uint8Array()],
  ])('%s is an error that names both files', async (_, make) => {
    const beside = join(dir, 'src', 'coffee.matte.png')
    await writeFile(beside, await make())
    const error = await openRemover()
      .removeBackground(photo)
      .catch(error => error)
    expect(error).toMatchObject({ code: 'INVALID_MATTE', source: photo, matte: beside })
    expect(error.message).toContain(beside)
    expect(error.message).toContain(photo)
  })

  test('that is empty is an error that names both files', async () => {
    const empty = sharp({ create: { width: 30, height: 20, channels: 3, background: 'black' } })
    const beside = join(dir, 'src', 'coffee.matte.png')
    await empty.toFile(beside)
    const error = await openRemover()
      .removeBackground(photo)
      .catch(error => error)
    expect(error.code).toBe('INVALID_MATTE')
    expect(error.message).toContain(beside)
    await expect(openRemover().removeBackground(photo, { allowEmpty: true })).resolves.toMatchObject({
      matte: 'own',
    })
  })

  test('of two formats is an error', async () => {
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    await writeFile(join(dir, 'src', 'coffee.matte.webp'), await halfMatte())
    await expect(openRemover().plan(photo)).rejects.toMatchObject({
      code: 'INVALID_MATTE',
      message: expect.stringContaining('coffee.matte.png and coffee.matte.webp'),
    })
  })
})

describe('kept mattes', () => {
  const mattes = 'mattes'

  test('are written once and used from then on, with equal bytes on another machine', async () => {
    const first = await openRemover({ mattes }).removeBackground(photo, { model })
    expect(first.matte).toBe('predicted')
    const files = await listFiles(mattes)
    expect(files).toEqual([expect.stringMatching(/^src\/coffee\.png\/u2netp-320\.[\da-f]{8}\.png$/)])

    const again = await openRemover({ mattes, frozen: true }).removeBackground(photo, { model })
    expect(again).toMatchObject({ matte: 'kept', cached: false })
    expect(again.timings.inference).toBeUndefined()
    expect(Buffer.compare(again.data, first.data)).toBe(0)
  })

  test('need no weights', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const file = join(dir, mattes, (await listFiles(mattes))[0])
    const remover = openRemover({ mattes, download: false })
    const before = await remover.plan(photo, { model: 'portrait' })
    expect(await remover.isReady(before)).toBe(false)
    await copyFile(file, file.replace('u2netp-320', `portrait-${before.operatingResolution}`))
    const plan = await remover.plan(photo, { model: 'portrait' })
    expect(await remover.isReady(plan)).toBe(true)
    expect(await remover.ensure(plan)).toMatchObject({ matte: 'kept' })
  })

  test('keep their key until the next start', async () => {
    const remover = openRemover({ mattes })
    const { key } = await remover.plan(photo, { model })
    await remover.removeBackground(photo, { model })
    expect((await remover.plan(photo, { model })).key).toBe(key)
  })

  test('are used at the next start without making the pictures again, with equal files', async () => {
    const cacheDir = join(dir, 'cache')
    const options = { model, outputMask: true }
    const first = await openRemover({ cacheDir, mattes }).removeBackground(photo, options)
    // Another process has no memory of what this one has kept.
    const next = await openRemover({ cacheDir, mattes }).removeBackground(photo, options)
    expect(next).toMatchObject({ matte: 'kept', cached: true })
    const made = await openRemover({ mattes, frozen: true }).removeBackground(photo, options)
    expect(made).toMatchObject({ matte: 'kept', cached: false })
    for (const { data, mask } of [next, made]) {
      expect(Buffer.compare(data, first.data)).toBe(0)
      expect(Buffer.compare(mask!.data, first.mask!.data)).toBe(0)
    }
  })

  test('take no second copy of a new cutout and its mask in the cache', async () => {
    const store = fileStore({ dir: join(dir, 'cache') })
    const remover = openRemover({ mattes: 'mattes', store })
    const { file, maskFile } = await remover.ensure(await remover.plan(photo, { model, outputMask: true }))
    const { dev, ino } = await stat(file)
    expect((await stat(file)).nlink).toBe(2)
    expect((await stat(maskFile!)).nlink).toBe(2)
    const next = openRemover({ mattes: 'mattes', store: fileStore({ dir: join(dir, 'cache') }) })
    const again = await next.ensure(await next.plan(photo, { model, outputMask: true }))
    expect(again).toMatchObject({ cached: true, matte: 'kept' })
    expect(again.file).not.toBe(file)
    expect(await stat(again.file)).toMatchObject({ dev, ino })
  })

  test('are written for a cutout that was cached before', async () => {
    const cacheDir = join(dir, 'cache')
    await openRemover({ cacheDir }).removeBackground(photo, { model })
    const remover = openRemover({ cacheDir, mattes })
    const plan = await remover.plan(photo, { model })
    await remover.isReady(plan)
    expect(await listFiles(mattes)).toEqual([])
    const { cached } = await remover.ensure(plan)
    expect(cached).toBe(true)
    expect(await listFiles(mattes)).toHaveLength(1)
  })

  test('replace the model after a correction by hand, in an editor that drops metadata', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const file = join(dir, mattes, (await listFiles(mattes))[0])
    await writeFile(file, await halfMatte())
    const { data, matte } = await openRemover({ mattes }).removeBackground(photo, { model })
    expect(matte).toBe('kept')
    expect(await alphaOfHalves(data)).toEqual([255, 0])
  })

  async function changePhoto(): Promise<void> {
    await sharp(coffee).negate({ alpha: false }).toFile(photo)
  }

  test('are predicted again when the photograph changes, and the old file is removed', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const [before] = await listFiles(mattes)
    await changePhoto()
    await openRemover({ mattes }).removeBackground(photo, { model })
    const after = await listFiles(mattes)
    expect(after).toHaveLength(1)
    expect(after[0]).not.toBe(before)
    expect(warnings).toEqual([])
  })

  test('stay when they were corrected by hand and the photograph changes, with a warning', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const file = join(dir, mattes, (await listFiles(mattes))[0])
    const corrected = await halfMatte()
    await writeFile(file, corrected)
    await changePhoto()
    const { data } = await openRemover({ mattes }).removeBackground(photo, { model })
    expect(await alphaOfHalves(data)).not.toEqual([255, 0])
    expect(await readFile(file)).toEqual(corrected)
    expect(warnings).toEqual([expect.stringContaining(file)])
  })

  test('move along with a photograph that is renamed', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const file = join(dir, mattes, (await listFiles(mattes))[0])
    await writeFile(file, await halfMatte())
    const moved = join(dir, 'src', 'cup.png')
    await rename(photo, moved)
    const { data, matte } = await openRemover({ mattes }).removeBackground(moved, { model })
    expect(matte).toBe('kept')
    expect(await alphaOfHalves(data)).toEqual([255, 0])
    expect(await listFiles(mattes)).toEqual([expect.stringMatching(/^src\/cup\.png\//)])
  })

  test('move along with their own photograph if a copy of the photograph has another matte', async () => {
    const copy = join(dir, 'src', 'a-copy.png')
    await copyFile(photo, copy)
    const remover = openRemover({ mattes: 'mattes' })
    for (const path of [photo, copy]) await remover.ensure(await remover.plan(path, { model }))
    const [, file] = await listFiles('mattes')
    expect(file).toContain('coffee.png')
    const corrected = await halfMatte()
    await writeFile(join(dir, 'mattes', file), corrected)
    await rename(photo, join(dir, 'src', 'moved.png'))
    const next = openRemover({ mattes: 'mattes', frozen: true })
    const plan = await next.plan(join(dir, 'src', 'moved.png'), { model })
    expect(plan.matte.origin === 'kept' && Buffer.from(await plan.matte.source.bytes())).toEqual(corrected)
    await openRemover({ mattes: 'mattes' }).plan(join(dir, 'src', 'moved.png'), { model })
    expect((await listFiles('mattes')).map(name => name.split('/')[1])).toEqual(['a-copy.png', 'moved.png'])
    expect(await readFile(join(dir, 'mattes', file.replace('coffee.png', 'moved.png')))).toEqual(corrected)
  })

  test('are copied when the photograph is copied', async () => {
    await openRemover({ mattes }).removeBackground(photo, { model })
    const copy = join(dir, 'src', 'copy.png')
    await copyFile(photo, copy)
    expect((await openRemover({ mattes }).removeBackground(copy, { model })).matte).toBe('kept')
    expect(await listFiles(mattes)).toHaveLength(2)
  })

  test('lie inside the folder for a photograph outside the root', async () => {
    const root = join(dir, 'src', 'site')
    await mkdir(root)
    await openRemover({ root, mattes }).removeBackground(photo, { model })
    expect(await listFiles('src/site/mattes')).toEqual([expect.stringMatching(/^_up\/coffee\.png\//)])
  })

  test('that cannot be written are reported, and the cutout is made', async () => {
    await writeFile(join(dir, mattes), 'a file in place of the folder')
    await expect(openRemover({ mattes }).removeBackground(photo, { model })).resolves.toMatchObject({
      matte: 'predicted',
    })
    expect(warnings).toEqual([expect.stringContaining('cannot be kept')])
  })
})

describe('a frozen build', () => {
  test('names the missing matte and the way to make it', async () => {
    const error = await openRemover({ mattes: 'mattes', frozen: true })
      .removeBackground(photo, { model })
      .catch(error => error)
    expect(error).toMatchObject({ code: 'MATTE_MISSING', hint: expect.stringContaining('NOBG_FROZEN=0') })
    expect(error.message).toContain(photo)
  })

  test.each<[string, Config, Record<string, string>, RegExp]>([
    ['the variable', {}, { NOBG_FROZEN: '1' }, /^Run once with NOBG_FROZEN=0 /],
    // The variable has no effect as long as the config says `frozen: true`.
    [
      'the config',
      { frozen: true },
      {},
      /^Remove `frozen: true` \(or the flag --frozen\), run once with NOBG_FROZEN=0, /,
    ],
  ])('by %s names the steps that predict the matte', async (_, config, env, hint) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const refused = openRemover({ mattes: 'mattes', ...config }).removeBackground(photo, { model })
    await expect(refused).rejects.toMatchObject({ code: 'MATTE_MISSING', hint: expect.stringMatching(hint) })
    vi.stubEnv('NOBG_FROZEN', '0')
    const { frozen: _removed, ...rest } = config
    const followed = openRemover({ mattes: 'mattes', ...rest }).removeBackground(photo, { model })
    await expect(followed).resolves.toMatchObject({ matte: 'predicted' })
  })

  test('lists the mattes of earlier versions of the photograph', async () => {
    await openRemover({ mattes: 'mattes' }).removeBackground(photo, { model })
    const [name] = await listFiles('mattes')
    await copyFile(
      join(dir, 'mattes', name),
      join(dir, 'mattes', name.replace(/[0-9a-f]{8}\.png$/, '00000000.png')),
    )
    await writeFile(photo, Buffer.concat([await readFile(photo), Buffer.from('new')]))
    const error = await openRemover({ mattes: 'mattes', frozen: true })
      .removeBackground(photo, { model })
      .catch(error => error)
    expect(error.message).toMatch(/\(u2netp-320\.[0-9a-f]{8}\.png, u2netp-320\.[0-9a-f]{8}\.png\)/)
  })

  test('needs neither the runtime nor weights', async () => {
    const local = { path: join(dir, 'models', 'mine.onnx'), resolution: 320 }
    await mkdir(join(dir, 'models'))
    await copyFile(join(import.meta.dirname, '../../../u2netp/weights/u2netp.onnx'), local.path)
    const models = { mine: local }
    await openRemover({ mattes: 'mattes', models }).removeBackground(photo, { model: 'mine' })
    await rm(local.path)
    const frozen = openRemover({ mattes: 'mattes', models, frozen: true })
    await expect(frozen.removeBackground(photo, { model: 'mine' })).resolves.toMatchObject({ matte: 'kept' })
  })

  test('writes nothing into the folder, also for a renamed photograph', async () => {
    await openRemover({ mattes: 'mattes' }).removeBackground(photo, { model })
    const before = await listFiles('mattes')
    const moved = join(dir, 'src', 'cup.png')
    await rename(photo, moved)
    const frozen = openRemover({ mattes: 'mattes', frozen: true })
    expect((await frozen.removeBackground(moved, { model })).matte).toBe('kept')
    expect(await listFiles('mattes')).toEqual(before)
  })

  test('accepts a matte beside the photograph', async () => {
    await writeFile(join(dir, 'src', 'coffee.matte.png'), await halfMatte())
    await expect(openRemover({ frozen: true }).removeBackground(photo)).resolves.toMatchObject({
      matte: 'own',
    })
  })
})

test('a kept matte is small', async () => {
  await openRemover({ mattes: 'mattes' }).removeBackground(photo, { model })
  const { size } = await stat(join(dir, 'mattes', (await listFiles('mattes'))[0]))
  expect(size).toBeLessThan(40_000)
})
