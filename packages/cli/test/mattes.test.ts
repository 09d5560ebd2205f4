import { readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
})

/** Writes a matte of the cat, 240 × 160 px, whose left half is opaque. */
async function putHalfMatte(place: string): Promise<void> {
  const data = Uint8Array.from({ length: 240 * 160 }, (_, i) => (i % 240 < 120 ? 255 : 0))
  const image = sharp(data, { raw: { width: 240, height: 160, channels: 1 } }).toColourspace('b-w')
  await image.png().toFile(workspace.path(place))
}

/** Alpha of a cutout near its left and its right side. */
async function alphaOfHalves(place: string): Promise<number[]> {
  const { data, info } = await sharp(workspace.path(place)).raw().toBuffer({ resolveWithObject: true })
  const at = (x: number) => data[(80 * info.width + x) * info.channels + info.channels - 1]
  return [at(10), at(230)]
}

const findKept = () => workspace.list().filter(file => /^mattes\/.+\.png$/.test(file))

describe('--matte', () => {
  test('replaces the model', async () => {
    workspace.put('cat', 'cat.jpg')
    await putHalfMatte('mine.png')
    const { code, stdout } = await workspace.run(['cat.jpg', '--matte', 'mine.png', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout.split('\n')[0])).toMatchObject({ status: 'written', matte: 'own' })
    expect(await alphaOfHalves('cat.png')).toEqual([255, 0])
  })

  test('takes one picture', async () => {
    workspace.put('cat', 'a.jpg', 'b.jpg')
    await putHalfMatte('mine.png')
    const { code, stderr } = await workspace.run(['a.jpg', 'b.jpg', '--matte', 'mine.png'])
    expect(code).toBe(2)
    expect(stderr).toContain('--matte mine.png: expected one picture, got 2.')
  })

  test('is not replaced by the cutout', async () => {
    workspace.put('cat', 'cat.jpg')
    await putHalfMatte('cat.png')
    const before = readFileSync(workspace.path('cat.png'))
    const { code, stderr } = await workspace.run(['cat.jpg', '--matte', 'cat.png', '--overwrite'])
    expect(code).toBe(2)
    expect(stderr).toContain('--matte cat.png')
    expect(readFileSync(workspace.path('cat.png'))).toEqual(before)
  })

  test('that is missing is an error with the exit code 3', async () => {
    workspace.put('cat', 'cat.jpg')
    const { code, stderr } = await workspace.run(['cat.jpg', '--matte', 'none.png'])
    expect(code).toBe(3)
    expect(stderr).toContain('[INVALID_MATTE]')
    expect(stderr).toContain('none.png')
  })
})

describe('a matte beside its photograph', () => {
  test('is used, and is no input of a folder or a glob', async () => {
    workspace.put('cat', 'photos/cat.jpg')
    await putHalfMatte('photos/cat.matte.png')
    for (const word of ['photos', 'photos/*']) {
      const { stdout, code } = await workspace.run([word, '-o', 'out', '--overwrite', '--json'])
      expect(code).toBe(0)
      const lines = stdout.split('\n').map(line => JSON.parse(line))
      expect(lines.map(({ source }) => source)).toEqual(['photos/cat.jpg', undefined])
    }
    expect(await alphaOfHalves('out/cat.png')).toEqual([255, 0])
  })

  test('that a shell names with its photograph is skipped, which is said', async () => {
    workspace.put('cat', 'cat.jpg')
    await putHalfMatte('cat.matte.png')
    const { code, stderr } = await workspace.run(['cat.jpg', 'cat.matte.png'])
    expect(code).toBe(0)
    expect(stderr).toContain('mattes of photographs beside them: cat.matte.png')
    expect(workspace.list()).toEqual(['cat.jpg', 'cat.matte.png', 'cat.png'])
  })

  test('is an input without its photograph', async () => {
    workspace.put('cat', 'photos/cat.matte.jpg')
    expect((await workspace.run(['photos', '-o', 'out'])).code).toBe(0)
    expect(workspace.list()).toContain('out/cat.matte.png')
  })

  test('does not change what nobg compare shows', async () => {
    workspace.put('cat', 'cat.jpg')
    await workspace.run(['compare', 'cat.jpg', '-m', 'u2netp', '-o', 'before.png'])
    await putHalfMatte('cat.matte.png')
    await workspace.run(['compare', 'cat.jpg', '-m', 'u2netp', '-o', 'after.png'])
    const [before, after] = ['before.png', 'after.png'].map(name => readFileSync(workspace.path(name)))
    expect(after.equals(before)).toBe(true)
  })
})

describe('--mattes', () => {
  test('keeps a matte, from which --frozen makes equal bytes without the cache', async () => {
    workspace.put('cat', 'photos/cat.jpg')
    expect((await workspace.run(['photos', '--mattes', 'mattes', '-o', 'out'])).code).toBe(0)
    expect(findKept()).toEqual([expect.stringMatching(/^mattes\/photos\/cat\.jpg\/u2netp-320\.\w{8}\.png$/)])
    const words = ['photos', '--mattes', 'mattes', '--frozen', '--no-cache', '-o', 'again']
    expect((await workspace.run(words)).code).toBe(0)
    const [first, second] = ['out', 'again'].map(dir => readFileSync(workspace.path(dir, 'cat.png')))
    expect(second.equals(first)).toBe(true)
  })

  test('is no input', async () => {
    workspace.put('cat', 'cat.jpg')
    await workspace.run(['.', '--mattes', 'mattes', '-o', 'out'])
    const { stdout } = await workspace.run(['.', '-o', 'out', '--json'], { NOBG_MATTES: 'mattes' })
    expect(stdout.split('\n')).toHaveLength(2)
  })

  test('with --frozen and without a matte is an error with the exit code 3', async () => {
    workspace.put('cat', 'cat.jpg')
    const { code, stderr } = await workspace.run(['cat.jpg', '--mattes', 'mattes', '--frozen'])
    expect(code).toBe(3)
    expect(stderr).toContain('[MATTE_MISSING]')
  })

  test('with --no-frozen predicts, although CI is set', async () => {
    workspace.put('cat', 'cat.jpg')
    workspace.put('astronaut', 'other.jpg')
    const env = { CI: '1', NOBG_MATTES: 'mattes' }
    expect((await workspace.run(['cat.jpg'], env)).code).toBe(0)
    expect((await workspace.run(['other.jpg'], env)).code).toBe(3)
    expect((await workspace.run(['other.jpg', '--no-frozen'], env)).code).toBe(0)
  })
})

describe('nobg mattes', () => {
  const env = { NOBG_MATTES: 'mattes' }

  beforeEach(async () => {
    workspace.put('cat', 'cat.jpg')
    expect((await workspace.run(['cat.jpg', '--no-frozen'], env)).code).toBe(0)
  })

  const listJson = async (...words: string[]) =>
    JSON.parse((await workspace.run(['mattes', ...words, '--json'], env)).stdout)

  test('lists file, photograph, author and state', async () => {
    const [file] = findKept()
    const { code, stdout } = await workspace.run(['mattes'], env)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^STATE +BY +MODEL +RESOLUTION +FILE +PHOTOGRAPH\n/)
    expect(stdout).toMatch(new RegExp(`\\ncurrent +model +u2netp +320 px +${file} +cat.jpg$`))
    expect(await listJson()).toMatchObject([{ by: 'model', state: 'current', model: 'u2netp' }])
    rmSync(workspace.path('cat.jpg'))
    await putHalfMatte(file)
    expect(await listJson()).toMatchObject([{ by: 'hand', state: 'unused' }])
  })

  test('without a folder names the flag', async () => {
    const { code, stderr } = await workspace.run(['mattes'])
    expect(code).toBe(2)
    expect(stderr).toContain('--mattes')
  })

  test('prune removes what no photograph uses, and corrected mattes only with --by-hand', async () => {
    renameSync(workspace.path('cat.jpg'), workspace.path('moved.jpg'))
    const [file] = findKept()
    await putHalfMatte(file)
    expect((await workspace.run(['mattes', 'prune'], env)).stdout).toBe('0 mattes removed')
    expect((await workspace.run(['mattes', 'prune', '--by-hand'], env)).stdout).toBe(
      `${file}: removed, unused\n1 matte removed`,
    )
    expect(findKept()).toEqual([])
  })

  test('remake predicts again, and replaces a corrected matte only with --by-hand', async () => {
    const [file] = findKept()
    const before = readFileSync(workspace.path(file))
    await putHalfMatte(file)
    expect((await workspace.run(['mattes', 'remake', file], env)).code).toBe(2)
    expect((await workspace.run(['mattes', 'remake', file, '--by-hand'], env)).code).toBe(0)
    expect(readFileSync(workspace.path(file)).equals(before)).toBe(true)
  })

  test('--check finds outdated, unreadable and doubtful mattes', async () => {
    const [file] = findKept()
    const check = () => workspace.run(['mattes', '--check'], env)
    expect(await check()).toMatchObject({ code: 0, stdout: '1 matte checked, 0 with findings' })

    const matte = workspace.path(file)
    const white = sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
    await white.toFile(matte)
    expect(await check()).toMatchObject({ code: 4, stdout: expect.stringContaining('[MATTE_FULL]') })
    expect(await listJson('--check')).toMatchObject([{ findings: [{ code: 'MATTE_FULL' }] }])

    truncateSync(matte, statSync(matte).size - 20)
    expect(await check()).toMatchObject({ code: 4, stdout: expect.stringContaining('[INVALID_MATTE]') })

    workspace.put('astronaut', 'cat.jpg')
    expect(await check()).toMatchObject({ code: 4, stdout: expect.stringContaining('[OUTDATED]') })
  })
})
