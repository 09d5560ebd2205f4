import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawSheet } from '../src/gallery/draw-sheet.ts'
import { formatPicture } from '../src/gallery/page.ts'
import { galleryPictures } from '../src/gallery/photographs.ts'
import { confirmVerdicts, digestMatte, findVerdict, readVerdicts } from '../src/gallery/verdicts.ts'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/gallery.md'), 'utf8')
const verdicts = await readVerdicts()

const createMatte = (level: number) =>
  sharp({ create: { width: 4, height: 3, channels: 3, background: { r: level, g: level, b: level } } })

describe('a verdict', () => {
  test('belongs to the pixels of a matte, however they are encoded', async () => {
    const matte = await digestMatte(await createMatte(200).png().toBuffer())
    expect(await digestMatte(await createMatte(200).webp({ lossless: true }).toBuffer())).toBe(matte)
    const known = { cat: { u2netp: { matte, text: 'Right.' } } }
    expect(findVerdict(known, 'cat', 'u2netp', matte)).toBe('Right.')
    const other = await digestMatte(await createMatte(201).png().toBuffer())
    expect(findVerdict(known, 'cat', 'u2netp', other)).toBeUndefined()
    expect(findVerdict(known, 'cat', 'isnet', matte)).toBeUndefined()
    const confirmed = confirmVerdicts(known, [{ picture: 'cat', model: 'u2netp', matte: other }])
    expect(findVerdict(confirmed, 'cat', 'u2netp', other)).toBe('Right.')
  })

  test('that is missing is said on the page', () => {
    const shown = { model: 'm', codes: ['NO_SUBJECT', 'MATTE_HAZY'], verdict: undefined, sheet: 'a.webp' }
    const text = formatPicture({ id: 'a', file: 'a.png', title: 'A', shows: 'fur' }, [shown])
    expect(text).toContain('**m:** Nobody has looked at this matte yet.')
    expect(text).toMatch(/`NO_SUBJECT`.*`MATTE_HAZY`/s)
  })
})

test('a sheet has a row per two panels, and shows the background through a cutout', async () => {
  const picture = await sharp({ create: { width: 20, height: 10, channels: 4, background: '#0000' } })
    .png()
    .toBuffer()
  const panels = ['#ff0000', '#00ff00', '#0000ff'].map(background => ({ picture, background }))
  const { data, info } = await (await drawSheet(panels, 20, 2))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([64, 44])
  const at = (x: number, y: number) => [...data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)]
  expect([at(15, 12), at(45, 12), at(15, 30), at(45, 30)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ])
})

describe.each(galleryPictures)('the gallery: $id', ({ id, file, title }) => {
  test('has its picture and its credit', () => {
    expect(existsSync(file)).toBe(true)
    const credits = ['packages/bench/gallery/README.md', 'examples/mattes/src/photos/CREDITS.md']
    const text = credits.map(credit => readFileSync(join(root, credit), 'utf8')).join('')
    expect(text).toContain(`| \`${basename(file)}\` |`)
  })

  test('has a section with each verdict, and a sheet per model', () => {
    const section = page.split(/^### /m).find(text => text.startsWith(`${title}\n`))!
    for (const [model, { text }] of Object.entries(verdicts[id])) {
      expect(section).toContain(`**${model}:** ${text}`)
      expect(section).toContain(`(gallery/${id}-${model}.webp)`)
    }
  })
})

test('the sheets take less than 3 MB, and the pictures less than 1.5 MB', () => {
  const sum = (pattern: string) =>
    globSync(pattern, { cwd: root }).reduce((total, file) => total + statSync(join(root, file)).size, 0)
  expect(sum('docs/gallery/*')).toBeLessThan(3e6)
  expect(sum('packages/bench/gallery/*')).toBeLessThan(1.5e6)
})
