import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, createMatteLibrary, createRemover, type Remover } from '../../src/index.ts'
import { openMatteEditor } from '../../src/pipeline/matte-editor.ts'

const coffee = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const size = { width: 600, height: 400 }

let dir: string
let photo: string
let config: Config
let remover: Remover

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-matte-editor-'))
  photo = join(dir, 'src', 'coffee.png')
  await mkdir(join(dir, 'src'))
  await copyFile(coffee, photo)
  config = { root: dir, cacheDir: join(dir, 'cache'), logger: { info() {}, warn() {} } }
  remover = createRemover(config)
})

afterEach(async () => {
  await remover.close()
  await rm(dir, { recursive: true, force: true })
})

const plan = () => remover.plan(photo, { model: 'u2netp' })

/** A matte whose left part is the subject. */
const draw = (width = 600, height = 400) =>
  sharp({ create: { width: width / 2, height, channels: 3, background: '#fff' } })
    .extend({ right: width / 2, background: '#000' })
    .png()
    .toBuffer()

test('without a folder, a matte is written beside the photograph and replaces itself', async () => {
  const editor = openMatteEditor(config)
  expect(await editor.describe(await plan())).toEqual({ file: undefined, isByHand: false, isReviewed: false })
  const file = await editor.save(await plan(), await draw(), size)
  expect(file).toBe(join(dir, 'src', 'coffee.matte.png'))
  expect(await editor.describe(await plan())).toEqual({ file, isByHand: true, isReviewed: true })
  expect(await editor.save(await plan(), await draw(300, 200), size)).toBe(file)
  expect((await sharp(file).metadata()).width).toBe(300)
  expect(await readdir(join(dir, 'src'))).toHaveLength(2)
})

test('with a folder, a matte is written to its place there and counts as made by hand', async () => {
  const own = { ...config, mattes: 'mattes' }
  await remover.close()
  remover = createRemover(own)
  const editor = openMatteEditor(own)
  const file = await editor.save(await plan(), await draw(), size)
  expect(file).toContain(join(dir, 'mattes', 'src', 'coffee.png', 'u2netp-320.'))
  expect(await plan()).toMatchObject({ matte: { origin: 'kept', source: { path: file } } })
  expect(await createMatteLibrary(own).list()).toMatchObject([{ file, by: 'hand', state: 'current' }])
})

test.each([
  ['of another aspect ratio', () => draw(400, 400), '400 × 400'],
  [
    'without a subject',
    () =>
      sharp({ create: { ...size, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
    'transparent',
  ],
  ['that is no image', async () => Buffer.from('text'), 'cannot be decoded'],
])('a matte %s is refused, and nothing is written', async (_, make, message) => {
  const saving = openMatteEditor(config).save(await plan(), await make(), size)
  await expect(saving).rejects.toMatchObject({
    code: 'INVALID_MATTE',
    message: expect.stringContaining(message),
  })
  expect(await readdir(join(dir, 'src'))).toEqual(['coffee.png'])
})

test('a matte of the option matte, which lies elsewhere, is not overwritten', async () => {
  const other = join(dir, 'other.png')
  await writeFile(other, await draw())
  const given = await remover.plan(photo, { model: 'u2netp', matte: other })
  const before = await readFile(other)
  const editor = openMatteEditor(config)
  await expect(editor.save(given, await draw(), size)).rejects.toMatchObject({ code: 'INVALID_MATTE' })
  await expect(editor.review(given)).rejects.toMatchObject({ code: 'INVALID_MATTE' })
  expect(await readFile(other)).toEqual(before)
})

test('a matte without a file cannot be marked', async () => {
  await expect(openMatteEditor(config).review(await plan())).rejects.toMatchObject({
    code: 'INVALID_MATTE',
    hint: expect.stringContaining('Accept'),
  })
})
