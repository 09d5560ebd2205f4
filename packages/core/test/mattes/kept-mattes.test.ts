import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createMatteLibrary } from '../../src/index.ts'
import { openKeptMattes } from '../../src/mattes/kept-mattes.ts'
import { makeMatte, subjectOf } from './fixtures/subject.ts'

const bytes = Buffer.from('a matte')

let root: string
let dir: string
let warnings: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nobg-kept-'))
  dir = join(root, 'mattes')
  warnings = []
})

afterEach(() => rm(root, { recursive: true, force: true }))

function open(settings: Partial<Parameters<typeof openKeptMattes>[0]> = {}) {
  const logger = { info() {}, warn: (message: string) => warnings.push(message) }
  return openKeptMattes({ dir, root, frozen: async () => false, logger, ...settings })
}

async function writePhoto(path: string, content: string): Promise<string> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
  return file
}

/** Whether the matte counts as predicted. These tests hold no images. */
const predicted = async () => true
const byHand = async () => false

const put = async (photograph: string, isPredicted = predicted) =>
  open().put(await subjectOf(photograph), bytes, isPredicted)
const find = async (photograph: string) => open().find(await subjectOf(photograph))
const list = () => createMatteLibrary({ root, mattes: dir }).list()
const listParts = () => readdirSync(dir, { recursive: true }).filter(name => /\.part$/.test(String(name)))

const names: [string, string][] = [
  ['spaces', ' ada  b .jpg'],
  ['a percent sign', '100%.jpg'],
  ['an escaped letter', '%41.jpg'],
  ['a hash and a question mark', 'a#b?nobg.jpg'],
  ['a line break', 'a\nb.jpg'],
  ['a leading dash', '-rf.jpg'],
  ['composed accents', 'caf\u00e9.jpg'],
  ['decomposed accents', 'cafe\u0301.jpg'],
  ['an emoji of several code points', '👩‍🚀.jpg'],
  ['a device name of Windows', 'con.jpg'],
  ['dots at both ends', '..ada..'],
  ['the name of a folder that nobg uses', '_up'],
  ['quotes, pipes and colons', `a"b'c|d:e*<f>.jpg`],
  ['a backslash', 'a\\b.jpg'],
  ['the name of a matte', 'portrait-1024.9f3ac2d1.png'],
]

describe.skipIf(process.platform === 'win32').each(names)('a name with %s', (_, name) => {
  test.for([name, `${name}/ada.jpg`])('keeps its matte (%j)', async path => {
    const photograph = await writePhoto(`src/${path}`, name)
    const file = await put(photograph)
    expect(await find(photograph)).toBe(file)
    expect(await list()).toMatchObject([{ file, photograph, state: 'current' }])
    await writeFile(photograph, 'changed')
    expect(await list()).toMatchObject([{ file, state: 'outdated' }])
    const next = await put(photograph)
    expect(await list()).toMatchObject([{ file: next, state: 'current' }])
    expect(warnings).toEqual([])
  })
})

describe.each([
  ['ASCII', `${'x'.repeat(251)}.jpg`],
  ['three bytes per letter', `${'写'.repeat(83)}.jpg`],
])('a name of 255 bytes, %s', (_, name) => {
  test('keeps its matte, which is never removed as unused', async () => {
    const photograph = await writePhoto(name, 'long')
    const file = await put(photograph)
    expect(await find(photograph)).toBe(file)
    expect(await list()).toMatchObject([{ file, state: 'unknown' }])
  })
})

describe('two photographs that share a folder', () => {
  /** Makes the folders of two names one, as on a disk that ignores case. */
  async function ignoreCase(): Promise<void> {
    await mkdir(join(dir, 'src/Ada.jpg'), { recursive: true })
    await symlink('Ada.jpg', join(dir, 'src/ada.jpg'))
  }

  test.each<[string, string, string, () => Promise<void>]>([
    ['case', 'src/Ada.jpg', 'src/ada.jpg', ignoreCase],
    ['Unicode normalization', 'src/caf\u00e9.jpg', 'src/cafe\u0301.jpg', async () => {}],
  ])('because their names differ in %s: both keep their mattes', async (_, one, two, prepare) => {
    await prepare()
    const [first, second] = [await writePhoto(one, 'first'), await writePhoto(two, 'second')]
    const files = [await put(first), await put(second)]
    expect([await find(first), await find(second)]).toEqual(files)
    expect((await list()).map(({ state }) => state)).toEqual(['current', 'current'])
    expect(await createMatteLibrary({ root, mattes: dir }).prune()).toEqual([])

    await writeFile(second, 'changed')
    await put(second)
    expect(await find(first)).toBe(files[0])
    expect(await readdir(dirname(files[0]!))).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  test('of equal content share the matte', async () => {
    await ignoreCase()
    const [first, second] = [await writePhoto('src/Ada.jpg', 'ada'), await writePhoto('src/ada.jpg', 'ada')]
    await put(first)
    expect(await readFile((await find(second))!)).toEqual(bytes)
    expect(await find(first)).toBe(join(dir, 'src/Ada.jpg', basename((await find(second))!)))
  })
})

test('an open folder finds a matte that it wrote itself, after its photograph has moved', async () => {
  const photograph = await writePhoto('src/ada.jpg', 'ada')
  const kept = open()
  const subject = await subjectOf(photograph)
  // The first search reads the folder, which is empty.
  expect(await kept.find(subject)).toBeUndefined()
  await kept.put(subject, bytes, predicted)
  const moved = join(root, 'src/moved.jpg')
  await rename(photograph, moved)
  expect(await kept.find({ ...subject, path: moved })).toContain(join(dir, 'src', 'moved.jpg'))
  const again = join(root, 'src/again.jpg')
  await rename(moved, again)
  expect(await kept.find({ ...subject, path: again })).toContain(join(dir, 'src', 'again.jpg'))
  expect(await list()).toMatchObject([{ photograph: again, state: 'current' }])
})

test('an open folder finds a matte that another program brought', async () => {
  const photograph = await writePhoto('src/ada.jpg', 'ada')
  const kept = open()
  const subject = await subjectOf(photograph)
  expect(await kept.find(subject)).toBeUndefined()
  await put(photograph)
  const moved = join(root, 'src/moved.jpg')
  await rename(photograph, moved)
  while (!(await kept.find({ ...subject, path: moved }))) await delay(50)
  expect(await list()).toMatchObject([{ photograph: moved, state: 'current' }])
})

test('a photograph with a decomposed name keeps its matte when it is copied', async () => {
  const photograph = await writePhoto('cafe\u0301.jpg', 'cup')
  const file = await put(photograph)
  const copy = await writePhoto('copy.jpg', 'cup')
  expect(await find(copy)).not.toBe(file)
  expect(await find(photograph)).toBe(file)
})

test('a root that is a link gives the names of the real root', async () => {
  const photograph = await writePhoto('site/src/ada.jpg', 'ada')
  await symlink('site', join(root, 'link'))
  const kept = open({ root: join(root, 'link') })
  expect(kept.pathOf(await subjectOf(photograph))).toContain(join(dir, 'src', 'ada.jpg'))
  expect(kept.pathOf(await subjectOf(join(root, 'link/src/ada.jpg')))).toContain(join(dir, 'src', 'ada.jpg'))
})

describe('a process that is killed while it keeps a matte', () => {
  const script = fileURLToPath(new URL('./fixtures/keep-matte.ts', import.meta.url))

  test('leaves a whole matte, and a later process removes what it left', async () => {
    const photograph = await writePhoto('src/ada.jpg', 'ada')
    const file = open().pathOf(await subjectOf(photograph))
    let parts = 0
    for (const afterMs of [0, 1, 2, 3, 5, 8, 13, 21]) {
      const child = spawn(process.execPath, [script, dir, root, photograph], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child, 'close')
      await once(child.stdout, 'data')
      await delay(afterMs)
      child.kill('SIGKILL')
      await closed
      const found = readFileSync(file)
      expect(found.equals(makeMatte(found[0]))).toBe(true)
      parts += listParts().length
    }
    // Else no process was killed during a write, and the test shows nothing.
    expect(parts).toBeGreaterThan(0)
    const hourAgo = Date.now() / 1000 - 3600
    for (const part of listParts()) await utimes(join(dir, String(part)), hourAgo, hourAgo)
    expect(await put(photograph)).toBe(file)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(listParts()).toEqual([])
  })
})

// No process has the second id, as in a container that shares the folder.
test.each([
  ['a running process', process.ppid, 3600],
  ['another system, which was written now,', 2 ** 22 + 1, 0],
])('the temporary file of %s stays', async (_, id, ageSeconds) => {
  const photograph = await writePhoto('src/ada.jpg', 'ada')
  const folder = dirname((await put(photograph))!)
  const part = `.${id}-00000000-0000-0000-0000-000000000000.part`
  await writeFile(join(folder, part), '')
  const time = Date.now() / 1000 - ageSeconds
  await utimes(join(folder, part), time, time)
  await put(photograph)
  expect(await readdir(folder)).toContain(part)
})

describe('several builds', () => {
  test('that keep, retire and move the same mattes at once end with one whole matte each', async () => {
    const photographs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => writePhoto(`src/${i}.jpg`, `old ${i}`)),
    )
    for (const photograph of photographs) await put(photograph)
    // Half of the photographs are renamed, the others change.
    const changed = await Promise.all(
      photographs.map(async (photograph, i) => {
        const moved = join(root, 'src', `moved-${i}.jpg`)
        if (i % 2 === 0) await rename(photograph, moved)
        else await writeFile(photograph, `new ${i}`)
        return i % 2 === 0 ? moved : photograph
      }),
    )
    const build = async () => {
      const kept = open()
      await Promise.all(
        changed.map(async path => {
          const subject = await subjectOf(path)
          if (!(await kept.find(subject))) await kept.put(subject, bytes, predicted)
        }),
      )
    }
    await Promise.all([build(), build(), build()])
    expect(warnings).toEqual([])
    expect((await list()).map(({ photograph, state }) => [photograph, state]).sort()).toEqual(
      changed.map(path => [path, 'current']).sort(),
    )
    expect(listParts()).toEqual([])
  })
})

test('a folder that cannot be written is a warning', async context => {
  const photograph = await writePhoto('src/ada.jpg', 'ada')
  const other = await writePhoto('src/other.jpg', 'other')
  const moved = await writePhoto('src/moved.jpg', 'moved')
  await put(moved)
  await rm(moved)
  const after = await writePhoto('src/after.jpg', 'moved')
  if (spawnSync('mount', ['--bind', dir, dir]).status !== 0)
    context.skip('needs the right to mount a file system')
  onTestFinished(() => void spawnSync('umount', [dir]))
  spawnSync('mount', ['-o', 'remount,bind,ro', dir])
  // Hundreds of pictures give one warning.
  const folder = open()
  for (const path of [photograph, other])
    expect(await folder.put(await subjectOf(path), bytes, predicted)).toBeUndefined()
  expect(warnings).toEqual([expect.stringMatching(/ada\.jpg cannot be kept in .*EROFS/)])
  // The matte of a photograph that was renamed is used where it is.
  expect(await find(after)).toContain(join(dir, 'src', 'moved.jpg'))
  expect(warnings[1]).toMatch(/cannot be moved to .*EROFS/)
  spawnSync('umount', [dir])
})

test('a corrected matte of a changed photograph stays, with a warning', async () => {
  const photograph = await writePhoto('src/ada.jpg', 'ada')
  const old = await put(photograph)
  await writeFile(photograph, 'changed')
  await put(photograph, byHand)
  expect(await readFile(old!)).toEqual(bytes)
  expect(warnings).toEqual([expect.stringContaining(old!)])
})
