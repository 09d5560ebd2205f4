import { readFileSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { drawSheet } from '../src/sheet/draw-sheet.ts'
import { distance, inspect, openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'in/cat.jpg')
  workspace.put('astronaut', 'in/astronaut.jpg')
})

/** The panel of a column, in the row that begins at `top`. */
function cut(sheet: string, column: number, top: number, width: number, height: number): Promise<Buffer> {
  return sharp(sheet)
    .extract({ left: 24 + column * 424, top, width, height })
    .png()
    .toBuffer()
}

describe('nobg compare', () => {
  test('draws photograph, mask, cutout and a color for each picture and model', async () => {
    const { code, stdout } = await workspace.run([
      'compare',
      'in/astronaut.jpg',
      'in/cat.jpg',
      '--model',
      'u2netp,portrait',
    ])
    expect([code, stdout]).toEqual([0, ''])
    const sheet = workspace.path('in/astronaut-compare.png')
    // Four columns of 400 px with gaps of 24 px. Each row has the height of its picture and 56 px of text.
    const cat = await inspect(workspace.path('in/cat.jpg'))
    const catHeight = Math.round((400 * cat.height) / cat.width)
    expect(await inspect(sheet)).toMatchObject({
      width: 24 + 4 * 424,
      height: 56 + 2 * (400 + 56) + 2 * (catHeight + 56),
    })
    const photo = await sharp(workspace.path('in/astronaut.jpg')).resize(400, 400).png().toBuffer()
    // The sheet's pixels are the photograph's, resized by the same code.
    for (const top of [56, 56 + 456])
      expect(await distance(await cut(sheet, 0, top, 400, 400), photo)).toBeLessThan(1)
    const [mask, cutout, onColor] = await Promise.all(
      [1, 2, 3].map(column => cut(sheet, column, 56, 400, 400)),
    )
    const { channels } = await sharp(mask).stats()
    expect(channels.map(({ max }) => max)).toEqual([255, 255, 255])
    expect(
      await distance(mask, await sharp(mask).greyscale().toColourspace('srgb').png().toBuffer()),
    ).toBeLessThan(1)
    expect(await distance(cutout, onColor)).toBeGreaterThan(10)
    // The corner above the astronaut's shoulder is background: the color itself.
    const [red, green, blue] = await sharp(onColor)
      .extract({ left: 390, top: 4, width: 1, height: 1 })
      .raw()
      .toBuffer()
    for (const [got, wanted] of [
      [red, 0x12],
      [green, 0xa5],
      [blue, 0x94],
    ])
      expect(Math.abs(got - wanted)).toBeLessThan(8)
  })

  test('draws a photograph with an EXIF orientation upright', async () => {
    await sharp(workspace.path('in/cat.jpg'))
      .withMetadata({ orientation: 6 })
      .toFile(workspace.path('side.jpg'))
    expect(await workspace.run(['compare', 'side.jpg', '-o', 'sheet.png'])).toMatchObject({ code: 0 })
    const cat = await inspect(workspace.path('in/cat.jpg'))
    const scale = Math.min(400 / cat.height, 600 / cat.width)
    expect(await inspect(workspace.path('sheet.png'))).toMatchObject({
      height: 56 + Math.round(cat.width * scale) + 56,
    })
  })

  test('reads a pipe once for two models', async () => {
    const { code } = await workspace.start(['compare', '-', '-m', 'u2netp,modnet', '-o', 'sheets/'], {
      stdin: undefined,
      inputFile: workspace.path('in/cat.jpg'),
    })
    expect([code, workspace.list().filter(file => file.startsWith('sheets'))]).toEqual([
      0,
      ['sheets/image-compare.png'],
    ])
  })

  test('draws a sheet that is taller than the limit of librsvg', async () => {
    const tops = [20, 16_384, 32_768, 39_990]
    const labels = tops.map(top => ({ text: '█████', left: 0, top }))
    const sheet = await drawSheet({ width: 40, height: 40_000, panels: [], labels })
    const { data, info } = await sheet.raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 40, height: 40_000, channels: 3 })
    // The text of a label is above its baseline, also across the edges of strips. All other pixels are white.
    const isDark = (y: number) => data.subarray(y * 120, (y + 1) * 120).some(sample => sample < 200)
    for (const top of tops) expect([isDark(top - 6), isDark(top - 25)]).toEqual([true, false])
  })

  test('continues after a failure', async () => {
    writeFileSync(workspace.path('in/bad.jpg'), 'no image')
    const { code, stderr } = await workspace.run(['compare', 'in', '-o', 'sheet.png'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/1 of 3 failed:\nin\/bad\.jpg, general-light: \[UNSUPPORTED_FORMAT\]/)
    expect(await inspect(workspace.path('sheet.png'))).toMatchObject({ width: 24 + 4 * 424 })
  })

  test('replaces its own older sheet, and no cutout', async () => {
    expect(await workspace.run(['compare', 'in/cat.jpg'])).toMatchObject({ code: 0 })
    const sheet = workspace.path('in/cat-compare.png')
    const one = await inspect(sheet)
    expect(await workspace.run(['compare', 'in/cat.jpg', '-m', 'u2netp,modnet'])).toMatchObject({ code: 0 })
    expect((await inspect(sheet)).height).toBeGreaterThan(one.height)
    await workspace.run(['in/cat.jpg', '-o', 'cutout.png'])
    const cutout = readFileSync(workspace.path('cutout.png'))
    expect((await workspace.run(['compare', 'in/cat.jpg', '-o', 'cutout.png'])).stderr).toContain(
      'cutout.png exists already',
    )
    expect(readFileSync(workspace.path('cutout.png'))).toEqual(cutout)
  })

  test('captions name files without folders', async () => {
    await workspace.run(['compare', 'in/cat.jpg', '-o', 'one.png'])
    workspace.put('cat', 'other/folder/cat.jpg')
    await workspace.run(['compare', 'other/folder/cat.jpg', '-o', 'other.png'])
    const read = (file: string) => sharp(workspace.path(file)).raw().toBuffer()
    expect((await read('one.png')).equals(await read('other.png'))).toBe(true)
  })

  test('skips an existing file, and never overwrites a source', async () => {
    writeFileSync(workspace.path('sheet.png'), 'mine')
    expect((await workspace.run(['compare', 'in', '-o', 'sheet.png'])).stderr).toContain(
      'sheet.png exists already',
    )
    expect(readFileSync(workspace.path('sheet.png'), 'utf8')).toBe('mine')
    await sharp(workspace.path('in/cat.jpg')).toFile(workspace.path('in/cat.png'))
    expect(await workspace.run(['compare', 'in/cat.png', '-o', 'in/cat.png', '--overwrite'])).toMatchObject({
      code: 2,
    })
  })
})
