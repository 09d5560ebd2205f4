import { readFileSync, statSync } from 'node:fs'
import { execa } from 'execa'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { isMarked, markBytes } from '../src/mark.ts'
import { environment, inspect, openWorkspace, program, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'cat.jpg', 'sub/dog.jpg')
})

/** Runs command lines one after the other. @returns the output of the last command, and the files that are new since the first */
async function runAll(lines: readonly string[]) {
  const before = workspace.list()
  let last = { code: undefined as number | undefined, stdout: '', stderr: '' }
  for (const line of lines) {
    last = await workspace.run(line.split(' '))
    expect(last).toMatchObject({ code: 0, stdout: '' })
  }
  return { ...last, files: workspace.list().filter(file => !before.includes(file)) }
}

describe('a folder that is run again', () => {
  const first = ['cat.png', 'sub/dog.png']
  test.each<[lines: string[], files: string[]]>([
    [['.', '.'], first],
    [['.', '. --overwrite'], first],
    [
      ['.', '. -f webp'],
      [...first, 'cat.webp', 'sub/dog.webp'],
    ],
    [
      ['. -f webp', '. -f avif', '.'],
      [...first, 'cat.avif', 'cat.webp', 'sub/dog.avif', 'sub/dog.webp'],
    ],
    [
      ['.', '. -f webp -o out'],
      [...first, 'out/cat.webp', 'out/sub/dog.webp'],
    ],
    [
      ['. -o out', '. -o other'],
      ['other/cat.png', 'other/sub/dog.png', 'out/cat.png', 'out/sub/dog.png'],
    ],
    [
      ['. --mask', '.'],
      [...first, 'cat-mask.png', 'sub/dog-mask.png'],
    ],
    [
      ['. --background white -f webp', '. --crop'],
      [...first, 'cat.webp', 'sub/dog.webp'],
    ],
    [
      ['compare cat.jpg', '.'],
      [...first, 'cat-compare.png'],
    ],
    [
      ['.', '*.* -f webp'],
      [...first, 'cat.webp'],
    ],
    [
      ['.', 'cat.jpg cat.png sub -f webp'],
      [...first, 'cat.webp', 'sub/dog.webp'],
    ],
  ])('%j', async (lines, files) => {
    expect((await runAll(lines)).files).toEqual(files.toSorted())
  })

  test('lists the files that it leaves out', async () => {
    const { stderr } = await runAll(['.', '. -f webp'])
    expect(stderr).toMatch(/^Skipped cat\.png and 1 more, because nobg wrote these files\. /m)
  })

  test('processes a cutout that is named by itself', async () => {
    expect((await runAll(['cat.jpg', 'cat.png --crop'])).files).toEqual(['cat-nobg.png', 'cat.png'])
  })

  test('processes a photograph in a format that nobg writes', async () => {
    await sharp(workspace.path('cat.jpg')).toFile(workspace.path('photo.png'))
    expect((await runAll(['.', '. -f webp'])).files).toContain('photo.webp')
  })

  test('is an error if it holds only cutouts', async () => {
    await runAll(['cat.jpg -o out/'])
    const { code, stderr } = await workspace.run(['out'])
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /got only cutouts that nobg wrote\.\n {2}To process a cutout again, give only its path/,
    )
  })
})

describe('the mark', () => {
  test.each(['png', 'webp', 'avif'])('changes no pixel of %s', async format => {
    for (const background of [[], ['--background', 'white']]) {
      const { stdout } = await workspace.run([
        'cat.jpg',
        '-f',
        format,
        ...background,
        '--json',
        '--overwrite',
      ])
      const [picture] = stdout.split('\n').map(line => JSON.parse(line))
      const file = workspace.path(`cat.${format}`)
      expect(picture.bytes).toBe(statSync(file).size)
      expect(await isMarked(file)).toBe(true)
      // sharp gets the bytes, because it caches files by path.
      expect(await inspect(readFileSync(file))).toMatchObject({
        width: picture.width,
        channels: background.length ? 3 : 4,
      })
    }
  })

  test('is written to a pipe', async () => {
    await execa('sh', ['-c', `'${process.execPath}' '${program}' - < cat.jpg > piped.png`], {
      cwd: workspace.dir,
      env: environment,
    })
    expect(await isMarked(workspace.path('piped.png'))).toBe(true)
  })

  test('is not found in a photograph, and does not change the pixels of a photograph', async () => {
    for (const format of ['png', 'webp', 'avif', 'jpg']) {
      const photo = await sharp(workspace.path('cat.jpg'))
        .toFormat(format as 'png')
        .toBuffer()
      const marked = await sharp(markBytes(photo)).raw().toBuffer()
      expect(marked.equals(await sharp(photo).raw().toBuffer())).toBe(true)
    }
    expect(await isMarked(workspace.path('cat.jpg'))).toBe(false)
    expect(
      readFileSync(workspace.path('cat.jpg')).equals(markBytes(readFileSync(workspace.path('cat.jpg')))),
    ).toBe(true)
  })
})
