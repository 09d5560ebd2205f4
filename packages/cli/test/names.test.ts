import { statSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { findCollisions } from '../src/collisions.ts'
import { describeFile } from '../src/named-source.ts'
import { openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
})

const added = (before: string[]) => workspace.list().filter(file => !before.includes(file))

describe('two pictures of one name', () => {
  test.each<[photos: string[], words: string, files: string[]]>([
    [['a.jpg', 'a.jpeg', 'b.jpg'], '.', ['a.jpeg.png', 'a.jpg.png', 'b.png']],
    [
      ['a.jpg', 'a.jpeg', 'b.jpg', 'b.jfif'],
      '. -o out',
      ['out/a.jpeg.png', 'out/a.jpg.png', 'out/b.jfif.png', 'out/b.jpg.png'],
    ],
    [
      ['a.jpg', 'a.jpeg'],
      'a.jpg a.jpeg --mask',
      ['a.jpeg-mask.png', 'a.jpeg.png', 'a.jpg-mask.png', 'a.jpg.png'],
    ],
    [
      ['a.jpg', 'a-mask.jpg'],
      '. --mask',
      ['a-mask.jpg-mask.png', 'a-mask.jpg.png', 'a.jpg-mask.png', 'a.jpg.png'],
    ],
    [['sub/a.jpg', 'a.jpg'], '. -o out', ['out/a.png', 'out/sub/a.png']],
  ])('%j: nobg %s', async (photos, words, files) => {
    workspace.put('cat', ...photos)
    const before = workspace.list()
    for (const _ of ['first', 'again']) {
      expect(await workspace.run(words.split(' '))).toMatchObject({ code: 0 })
      expect(added(before)).toEqual(files)
    }
  })

  test('a photograph with the name of a cutout is processed too, and not overwritten', async () => {
    workspace.put('cat', 'cat.jpg')
    await sharp(workspace.path('cat.jpg')).flip().toFile(workspace.path('cat.png'))
    const { size } = statSync(workspace.path('cat.png'))
    for (const words of ['.', '. --overwrite', 'cat.jpg cat.png']) {
      expect(await workspace.run(words.split(' '))).toMatchObject({ code: 0 })
      expect(workspace.list()).toEqual(['cat-nobg.png', 'cat.jpg', 'cat.jpg.png', 'cat.png'])
      expect(statSync(workspace.path('cat.png')).size).toBe(size)
    }
  })

  test('that still collide with their extensions fail; the others are written', async () => {
    workspace.put('cat', 'cat.jpg', 'a/cat.jpg', 'b/dog.jpg', 'a/dog.jpg', 'b/bird.jpg')
    const words = ['cat.jpg', 'a/cat.jpg', 'b/dog.jpg', 'a/dog.jpg', 'b/bird.jpg', '-o', 'out']
    const { code, stderr } = await workspace.run(words)
    expect(code).toBe(2)
    for (const pair of ['cat.jpg and for a/cat.jpg', 'b/dog.jpg and for a/dog.jpg'])
      expect(stderr).toContain(`for ${pair}.`)
    expect(workspace.list().filter(file => file.startsWith('out'))).toEqual(['out/bird.png'])
  })

  test('that differ only in case are two on a file system that distinguishes them', async ({ skip }) => {
    workspace.put('cat', 'A.jpg', 'a.jpg')
    if (workspace.list().length < 2) skip()
    expect(await workspace.run(['.'])).toMatchObject({ code: 0 })
    expect(workspace.list()).toEqual(['A.jpg', 'A.png', 'a.jpg', 'a.png'])
  })

  test('that differ only in case or composition collide if the file system is unknown', () => {
    const target = (file: string, out: string) => ({ source: describeFile(file), file: out })
    const far = [
      target('/p/a.jpg', '/o/A.png'),
      target('/q/b.jpg', '/o/a.png'),
      target('/q/c.jpg', '/o/c.png'),
    ]
    expect([...findCollisions(far).keys()]).toEqual(far.slice(0, 2))
    const composed = [target('/p/a.jpg', '/o/\u00e9.png'), target('/q/b.jpg', '/o/e\u0301.png')]
    expect(findCollisions(composed).size).toBe(2)
  })
})

describe('long names', () => {
  const longest = (extension: string, letter = 'n') =>
    letter.repeat(Math.floor((255 - extension.length) / Buffer.byteLength(letter))) + extension

  test.each([longest('.jpg'), longest('.jpg', 'ü'), `${'n'.repeat(214)}.jpg`])('%s', async name => {
    workspace.put('cat', name)
    expect(await workspace.run([name])).toMatchObject({ code: 0 })
    expect(workspace.list()).toContain(name.replace('.jpg', '.png'))
  })

  test.each([
    [['.', '-f', 'webp'], '.webp'],
    [['.', '--mask'], '-mask.png'],
    [['.', '-o', 'out', '-f', 'webp'], '.webp'],
  ])('that are too long fail before inference: %j', async (words, end) => {
    workspace.put('cat', longest('.jpg'))
    workspace.put('astronaut', 'b.jpg')
    const cache = workspace.path('cache')
    const { code, stderr } = await workspace.run([...words], { NOBG_CACHE_DIR: cache })
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /\[INVALID_OPTION\] Expected file names of at most 255 bytes, got 2\d\d in .*\n {2}Rename/,
    )
    const made = workspace.list().filter(file => !file.startsWith('cache/') && !file.endsWith('.jpg'))
    expect(made.every(file => !file.includes('nnn'))).toBe(true)
    expect(made.some(file => file.endsWith(`b${end}`))).toBe(true)
    // The picture was not computed: otherwise its name would be in the cache.
    expect(workspace.list().some(file => file.startsWith('cache/') && file.includes('nnn'))).toBe(false)
  })

  test('of -o and of compare are errors', async () => {
    workspace.put('cat', 'cat.jpg', longest('.jpg'))
    for (const words of [
      ['cat.jpg', '-o', `${longest('.webp', 'm')}.png`],
      ['cat.jpg', '-o', `${'m'.repeat(256)}/`],
      ['compare', longest('.jpg')],
    ]) {
      const before = workspace.list()
      const { code, stderr } = await workspace.run(words)
      expect([code, workspace.list()]).toEqual([2, before])
      expect(stderr).toMatch(/name too long|at most 255 bytes/)
    }
  })

  test('of an input are errors', async () => {
    writeFileSync(workspace.path('x'), '')
    const { code, stderr } = await workspace.run([`${'m'.repeat(256)}.jpg`])
    expect(code).toBe(3)
    expect(stderr).toMatch(/\[SOURCE_NOT_FOUND\] .* got: name too long/)
  })
})
