import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { environment, makeDir, openWorkspace, program, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
})

/** Writes photographs of different content. */
async function putPhotos(count: number): Promise<void> {
  workspace.put('cat', 'in/0.jpg')
  for (let index = 1; index < count; index++) {
    await sharp(workspace.path('in/0.jpg'))
      .modulate({ brightness: 1 + index / 20 })
      .toFile(workspace.path(`in/${index}.jpg`))
  }
}

const listMattes = (folder = 'mattes') =>
  workspace
    .list()
    .filter(file => file.startsWith(`${folder}/`))
    .map(file => file.slice(folder.length + 1))

/** Starts the program with a cache of its own. */
const start = (folder: string, ...words: string[]) =>
  execa(process.execPath, [program, 'in', '--mattes', folder, '--overwrite', '--json', ...words], {
    cwd: workspace.dir,
    env: { ...environment, NOBG_CACHE_DIR: makeDir() },
    reject: false,
  })

async function readStates(): Promise<[by: string, state: string][]> {
  const { stdout } = await workspace.run(['mattes', '--mattes', 'mattes', '--json'])
  return JSON.parse(stdout).map(({ by, state }: { by: string; state: string }) => [by, state])
}

/** The mattes and the cutouts of a run that nothing disturbed. */
async function readUndisturbed() {
  expect((await start('other', '-o', 'out/other')).exitCode).toBe(0)
  return readResults('other')
}

function readResults(folder: string) {
  const read = (file: string) => [file, readFileSync(workspace.path(file))] as const
  const mattes = listMattes(folder).map(file => [file, read(`${folder}/${file}`)[1]])
  const cutouts = readdirSync(workspace.path('out', folder)).map(file => [
    file,
    read(`out/${folder}/${file}`)[1],
  ])
  return { mattes, cutouts: cutouts.sort() }
}

test('a batch that is killed leaves whole mattes, and the next run makes the others', async () => {
  await putPhotos(6)
  const run = start('mattes', '-o', 'out/mattes')
  let written = 0
  for await (const line of run.iterable()) {
    if (JSON.parse(line).status === 'written') written++
    if (written === 3) run.kill('SIGKILL')
  }
  expect((await run).signal).toBe('SIGKILL')
  const kept = await readStates()
  expect(kept.length).toBeGreaterThanOrEqual(3)
  expect(kept.length).toBeLessThan(6)
  // A damaged file would count as made by hand.
  expect(new Set(kept.map(String))).toEqual(new Set(['model,current']))

  expect((await start('mattes', '-o', 'out/mattes')).exitCode).toBe(0)
  expect(readResults('mattes')).toEqual(await readUndisturbed())
})

test('two runs at once keep one matte per photograph, and warn of nothing', async () => {
  await putPhotos(4)
  const runs = await Promise.all([start('mattes', '-o', 'out/mattes'), start('mattes', '-o', 'out/second')])
  for (const { exitCode, stderr } of runs) {
    expect(exitCode, stderr).toBe(0)
    expect(stderr).not.toContain('cannot')
  }
  expect(readResults('mattes')).toEqual(await readUndisturbed())
})

test('names of all characters are kept, and found by a frozen run', async () => {
  const names = ['a b.jpg', '100%.jpg', '%41.jpg', 'a#b?c&d.jpg', '-rf.jpg', 'cafe\u0301.jpg', "it's.jpg"]
  if (process.platform !== 'win32') names.push('line\nbreak.jpg', `${'x'.repeat(251)}.jpg`)
  workspace.put('cat', ...names.map(name => `in/${name}`))
  expect(await start('mattes', '-o', 'out/mattes')).toMatchObject({ exitCode: 0 })
  expect(listMattes()).toHaveLength(names.length)
  const frozen = await start('mattes', '--frozen', '-o', 'out/second')
  expect(frozen.exitCode, frozen.stderr).toBe(0)
  const origins = frozen.stdout.split('\n').map(line => JSON.parse(line).matte)
  expect(origins.filter(origin => origin === 'kept')).toHaveLength(names.length)
  expect((await readStates()).filter(([, state]) => !/current|unknown/.test(state))).toEqual([])
})

describe('a file in place of a kept matte', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345\n`
  const conflict = '<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n'

  test.each([
    ['a Git LFS pointer', pointer, 'git lfs pull'],
    ['a file with marks of a merge conflict', conflict, 'git checkout --ours'],
    ['a file without bytes', '', 'copy the file again'],
  ])('%s is an error that says so, and moves along with the photograph', async (what, text, hint) => {
    await putPhotos(1)
    await start('mattes', '-o', 'out')
    const [file] = listMattes()
    writeFileSync(workspace.path('mattes', file), text)
    const found = text ? what : '0 bytes'
    for (const words of [[], ['--frozen']]) {
      const { exitCode, stdout } = await start('mattes', '-o', 'out', ...words)
      expect(exitCode).not.toBe(0)
      const { error } = JSON.parse(stdout.split('\n')[0])
      expect(error.code).toBe('INVALID_MATTE')
      for (const part of [found, workspace.path('mattes', file), workspace.path('in/0.jpg')])
        expect(error.message).toContain(part)
      expect(error.hint).toContain(hint)
    }
    renameSync(workspace.path('in/0.jpg'), workspace.path('in/moved.jpg'))
    expect((await start('mattes', '-o', 'out')).exitCode).not.toBe(0)
    expect(listMattes()).toEqual([file.replace('0.jpg', 'moved.jpg')])
    expect(readFileSync(workspace.path('mattes', listMattes()[0]), 'utf8')).toBe(text)
  })
})
