import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InputCase, writeCases } from '../src/inputs/cases.ts'

const photograph = join(import.meta.dirname, '../../../examples/mattes/src/photos/coffee.png')
let folder: string
let cases: InputCase[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nobg-inputs-test-'))
  cases = await writeCases(photograph, folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const find = (title: string) => cases.find(input => input.title === title)!

test('a library that turns the photograph understood the orientation, one that does not did not', async () => {
  const { file, isRight } = find('EXIF orientation')
  expect(await isRight(await sharp(file).autoOrient().png().toBuffer())).toBe(true)
  expect(await isRight(await sharp(file, { autoOrient: false }).png().toBuffer())).toBe(false)
  expect(await isRight(await sharp(file).autoOrient().rotate(180).png().toBuffer())).toBe(false)
})

test('colors that are inverted, as those of a CMYK file can be, are wrong', async () => {
  const { file, isRight } = find('CMYK')
  const srgb = sharp(file).toColourspace('srgb')
  expect(await isRight(await srgb.clone().png().toBuffer())).toBe(true)
  expect(await isRight(await srgb.clone().negate({ alpha: false }).png().toBuffer())).toBe(false)
})

test('the transparent half must stay transparent, and a cutout must not be empty', async () => {
  const alpha = find('alpha of the input')
  expect(await alpha.isRight(await readFile(alpha.file))).toBe(true)
  expect(await alpha.isRight(await sharp(alpha.file).removeAlpha().png().toBuffer())).toBe(false)
  const gray = find('gray levels')
  expect(await gray.isRight(await readFile(gray.file))).toBe(true)
  expect(await gray.isRight(await sharp(gray.file).ensureAlpha(0).png().toBuffer())).toBe(false)
})
