import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDir, openWorkspace, unprivileged, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
})

const written = (stdout: string) =>
  stdout
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ type }) => type === 'picture')
    .map(({ source }) => source)

describe.skipIf(process.platform === 'win32')('unreadable files and folders', () => {
  const locked: string[] = []

  afterEach(() => {
    for (const path of locked.splice(0)) chmodSync(path, 0o755)
  })

  test.each<[what: string, words: string, failed: string]>([
    ['a folder below the input', 'in --dry-run', 'in/locked'],
    ['a folder below a glob', 'in/**/*.jpg --dry-run', 'in/locked'],
    ['the input itself', 'in/locked in/open --dry-run', 'in/locked'],
    ['a file in a locked folder', 'in/locked/b.jpg in/open --dry-run', 'in/locked/b.jpg'],
    ['a link into a locked folder', 'in --dry-run', 'in/way'],
    ['a file', 'in -o out', 'in/c.jpg'],
  ])('%s is an error', async (_, words, failed) => {
    const user = await unprivileged(workspace.dir)
    if (!user) return expect(process.getuid?.()).toBe(0)
    workspace.put('cat', 'in/locked/sub/b.jpg', 'in/locked/b.jpg', 'in/open/a.jpg', 'in/c.jpg')
    symlinkSync('locked/sub', workspace.path('in/way'))
    mkdirSync(workspace.path('out'), { mode: 0o777 })
    chmodSync(workspace.path('out'), 0o777)
    for (const [path, mode] of [
      ['in/c.jpg', 0],
      ['in/locked', 0],
    ] as const) {
      chmodSync(workspace.path(path), mode)
      locked.push(workspace.path(path))
    }
    const { code, stdout } = await workspace.start([...words.split(' '), '--json'], user)
    const outcomes = stdout.split('\n').map(line => JSON.parse(line))
    expect(code).toBe(3)
    const failure = outcomes.find(({ source }) => source === failed)
    expect(failure).toMatchObject({ status: 'failed', error: { code: 'SOURCE_NOT_FOUND' } })
    expect(failure.error.message).toMatch(/permission denied|EACCES/)
    expect(outcomes.find(({ source }) => source === 'in/open/a.jpg').status).toMatch(/planned|written/)
  })

  test('an unreadable cache is an error, not an empty cache', async () => {
    const cache = makeDir()
    const user = await unprivileged(cache)
    if (!user) return expect(process.getuid?.()).toBe(0)
    mkdirSync(`${cache}/v1/cutouts`, { recursive: true })
    chmodSync(`${cache}/v1`, 0)
    locked.push(`${cache}/v1`)
    for (const command of ['stats', 'verify', 'clear']) {
      const { code, stdout, stderr } = await workspace.start(['cache', command, '--cache-dir', cache], user)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/EACCES: permission denied/)
    }
  })
})

describe('names', () => {
  test.skipIf(process.platform === 'win32').each(['.', 'a*/**', '**/*.jpg', 'a\nb/*'])(
    'with a line break are names: nobg %j',
    async word => {
      workspace.put('cat', 'a\nb/c\nd.jpg', 'a\nb/e.jpg\n')
      const { code, stdout, stderr } = await workspace.run([word, '--json'])
      expect([code, stderr]).toMatchObject([0, expect.anything()])
      const expected = word === '**/*.jpg' ? ['a\nb/c\nd.jpg'] : ['a\nb/c\nd.jpg', 'a\nb/e.jpg\n']
      expect(written(stdout).sort()).toEqual(expected)
    },
  )

  test.skipIf(process.platform === 'win32')(
    'are shown on one line, without what steers a terminal',
    async () => {
      workspace.put('cat', 'a\n\u001b[31mb.jpg')
      const { stderr } = await workspace.run(['.', '--dry-run'])
      expect(stderr).toContain('a\\n\\u001b[31mb.jpg → a\\n\\u001b[31mb.png')
    },
  )
})

describe('left out of the inputs', () => {
  test('a cache of nobg, whatever its path', async () => {
    workspace.put('cat', 'in/cat.jpg')
    const cache = workspace.path('in/cache')
    for (const flags of [
      ['--cache-dir', cache],
      ['--overwrite', '--cache-dir', cache],
      ['--overwrite'],
      ['-f', 'webp'],
    ]) {
      const { stdout } = await workspace.run(['in', '--json', ...flags])
      expect(written(stdout)).toEqual(['in/cat.jpg'])
    }
    // A folder that is the input itself is not left out.
    expect(await workspace.run(['in/cache'])).toMatchObject({ code: 3 })
  })

  test('node_modules, hidden folders, the models and the output folder', async () => {
    workspace.put(
      'cat',
      'in/cat.jpg',
      'in/node_modules/x/a.jpg',
      'in/.git/b.jpg',
      'in/models/c.jpg',
      'in/out/d.jpg',
    )
    const { stdout } = await workspace.run([
      'in',
      '--dry-run',
      '--json',
      '--models-dir',
      'in/models',
      '-o',
      'in/out',
    ])
    expect(written(stdout)).toEqual(['in/cat.jpg'])
  })

  test('unless the command line names the folder', async () => {
    workspace.put('cat', 'node_modules/x/a.jpg', '.hidden/b.jpg')
    for (const [word, file] of [
      ['node_modules/x', 'node_modules/x/a.jpg'],
      ['node_modules/x/*.jpg', 'node_modules/x/a.jpg'],
      ['.hidden', '.hidden/b.jpg'],
      ['**/.hidden/*', '.hidden/b.jpg'],
    ]) {
      const { stdout } = await workspace.run([word, '--dry-run', '--json'])
      expect(written(stdout)).toEqual([file])
    }
  })
})

describe.skipIf(process.platform === 'win32')('links', () => {
  test('that form a cycle are followed once, and real paths come first', async () => {
    workspace.put('cat', 'in/deep/er/a.jpg')
    symlinkSync('..', workspace.path('in/deep/up'))
    symlinkSync('deep/er', workspace.path('in/b'))
    symlinkSync('loop', workspace.path('in/loop'))
    const { code, stdout } = await workspace.run(['in', '--dry-run', '--json'])
    expect(code).toBe(0)
    expect(written(stdout)).toEqual(['in/deep/er/a.jpg'])
  })

  test('to folders outside are followed, and a dead link is an error', async () => {
    const other = makeDir()
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } }).toFile(`${other}/x.png`)
    mkdirSync(workspace.path('in'))
    symlinkSync(other, workspace.path('in/other'))
    symlinkSync('nowhere.jpg', workspace.path('in/dead.jpg'))
    symlinkSync('self.jpg', workspace.path('in/self.jpg'))
    writeFileSync(workspace.path('in/notes.txt'), '')
    const { code, stderr } = await workspace.run(['in', '-o', 'out'])
    expect(stderr).toMatch(/in\/dead\.jpg: \[SOURCE_NOT_FOUND\]/)
    expect(stderr).toMatch(/in\/self\.jpg: \[SOURCE_NOT_FOUND\]/)
    expect(stderr).toMatch(/other\/x\.png/)
    expect(code).not.toBe(0)
  })
})
