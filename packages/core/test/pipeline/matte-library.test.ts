import { copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readMatteFile } from '../../src/image/given-matte.ts'
import { markReviewed } from '../../src/image/reviewed-mark.ts'
import { type Config, createMatteLibrary, createRemover } from '../../src/index.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const model = 'u2netp'

let dir: string
let photo: string
let config: Config

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-matte-library-'))
  photo = join(dir, 'src', 'coffee.png')
  await mkdir(join(dir, 'src'))
  await copyFile(coffee, photo)
  config = { root: dir, mattes: 'mattes', cacheDir: join(dir, 'cache'), logger: { info() {}, warn() {} } }
  const remover = createRemover(config)
  await remover.removeBackground(photo, { model }).finally(() => remover.close())
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const listAll = () => createMatteLibrary(config).list()

/** Saves the matte as an editor does that drops metadata. */
async function editMatte(): Promise<string> {
  const [{ file }] = await listAll()
  await writeFile(
    file,
    await sharp(await readFile(file))
      .negate()
      .png()
      .toBuffer(),
  )
  return file
}

test('lists a predicted matte of an unchanged photograph', async () => {
  expect(await listAll()).toEqual([
    {
      file: expect.stringContaining(join(dir, 'mattes', 'src', 'coffee.png', 'u2netp-320.')),
      photograph: photo,
      model,
      operatingResolution: 320,
      digest: expect.stringMatching(/^[\da-f]{8}$/),
      by: 'model',
      state: 'current',
    },
  ])
})

test('tells a matte corrected by hand, a changed photograph and a missing one', async () => {
  await editMatte()
  expect(await listAll()).toMatchObject([{ by: 'hand', state: 'current' }])
  await sharp(coffee).flip().toFile(photo)
  expect(await listAll()).toMatchObject([{ by: 'hand', state: 'outdated' }])
  await rm(photo)
  expect(await listAll()).toMatchObject([{ by: 'hand', state: 'unused' }])
})

test('prunes predicted mattes that no photograph uses, and corrected ones only on request', async () => {
  const library = createMatteLibrary(config)
  expect(await library.prune()).toEqual([])
  await rm(photo)
  await editMatte()
  expect(await library.prune()).toEqual([])
  expect(await library.prune({ byHand: true })).toHaveLength(1)
  expect(await listAll()).toEqual([])
})

test('makes a matte again, and keeps the old one if that fails', async () => {
  const [{ file }] = await listAll()
  const before = await readFile(file)
  const library = createMatteLibrary(config)
  await library.remake(file)
  expect(await readFile(file)).toEqual(before)

  await editMatte()
  await expect(library.remake(file)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await library.remake(file, { byHand: true })
  expect(await readFile(file)).toEqual(before)

  // A file that was removed and written again would have other times.
  const { ctimeMs } = await stat(file)
  const signal = AbortSignal.abort()
  await expect(library.remake(file, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
  expect((await stat(file)).ctimeMs).toBe(ctimeMs)
})

test('makes a matte by the model of its name, whatever the substitute', async () => {
  const [{ file }] = await listAll()
  const before = await readFile(file)
  await createMatteLibrary({ ...config, substitute: 'portrait' }).remake(file)
  expect(await readFile(file)).toEqual(before)
})

test('makes an outdated matte for the new photograph', async () => {
  const [{ file }] = await listAll()
  await sharp(coffee).flip().toFile(photo)
  await createMatteLibrary(config).remake(file)
  const listed = await listAll()
  expect(listed).toMatchObject([{ by: 'model', state: 'current' }])
  expect(listed[0].file).not.toBe(file)
})

test('keeps a matte that a matte beside the photograph replaces', async () => {
  const [{ file }] = await listAll()
  const before = await readFile(file)
  // The square matte of the model does not fit as a matte beside the photograph.
  await sharp(before)
    .resize(300, 200, { fit: 'fill' })
    .toFile(join(dir, 'src', 'coffee.matte.png'))
  await expect(createMatteLibrary(config).remake(file)).rejects.toMatchObject({ code: 'INVALID_MATTE' })
  expect(await readFile(file)).toEqual(before)
})

describe('the check', () => {
  const check = async () => (await createMatteLibrary(config).check())[0]

  test('finds nothing in a good matte', async () => {
    expect(await check()).toMatchObject({ state: 'current', findings: [] })
    expect(await check()).not.toHaveProperty('error')
  })

  test('says why a matte is doubtful', async () => {
    const { file } = await check()
    const white = sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
    await white.toFile(file)
    expect((await check()).findings).toMatchObject([{ code: 'MATTE_FULL' }])
  })

  test('finds nothing in a doubtful matte that a person has reviewed, until its pixels change', async () => {
    const { file } = await check()
    const full = (side: number) =>
      sharp({ create: { width: side, height: side, channels: 3, background: 'white' } })
        .png()
        .toBuffer()
    const white = await full(64)
    await writeFile(file, await markReviewed(white, await readMatteFile(white)))
    expect(await check()).toMatchObject({ state: 'current', findings: [] })
    await writeFile(file, await markReviewed(await full(32), await readMatteFile(white)))
    expect((await check()).findings).toMatchObject([{ code: 'MATTE_FULL' }])
  })

  test('reports a matte that cannot be read', async () => {
    const { file } = await check()
    await truncate(file, 200)
    expect(await check()).toMatchObject({ findings: [], error: { code: 'INVALID_MATTE' } })
  })

  test('does not compare a matte with a changed photograph', async () => {
    await sharp(coffee).flip().toFile(photo)
    expect(await check()).toMatchObject({ state: 'outdated', findings: [] })
  })
})

test('keeps the matte of a photograph that cannot be read', async () => {
  await writeFile(photo, '')
  expect(await listAll()).toMatchObject([{ state: 'unknown' }])
  expect(await createMatteLibrary(config).prune()).toEqual([])
})

test('refuses a file outside the folder', async () => {
  await expect(createMatteLibrary(config).remake(photo)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  expect(() => createMatteLibrary({})).toThrow(/got none: the config field `mattes` is not set/)
})
