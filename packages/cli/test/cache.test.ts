import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace
let env: Record<string, string>

beforeEach(() => {
  workspace = openWorkspace()
  env = { NOBG_CACHE_DIR: workspace.path('cache') }
})

const json = async (words: string[]) =>
  JSON.parse((await workspace.run(['cache', ...words, '--json'], env)).stdout)

describe('nobg cache', () => {
  test('stats counts, verify removes damaged entries, clear removes all', async () => {
    const dir = workspace.path('cache')
    workspace.put('cat', 'cat.jpg')
    expect(await workspace.run(['cat.jpg'], env)).toMatchObject({ code: 0 })
    const stats = await json(['stats'])
    // One matte and one cutout.
    expect(stats).toEqual({ dir, entries: 2, bytes: expect.any(Number) })
    expect((await workspace.run(['cache'], env)).stdout).toMatch(/cache: 2 entries, \d+ kB$/)
    expect(await json(['verify'])).toEqual({ dir, entries: 2, removed: 0 })
    const pictures = workspace.list().filter(file => /^cache\/.*\.png$/.test(file))
    const picture = workspace.path(pictures[0])
    truncateSync(picture, statSync(picture).size - 1)
    const { code, stdout } = await workspace.run(['cache', 'verify'], env)
    expect([code, stdout]).toEqual([0, `${dir}: 2 entries read, 1 damaged and removed`])
    expect(await json(['verify'])).toEqual({ dir, entries: 1, removed: 0 })
    expect(await json(['clear'])).toEqual({ dir, removed: 1, bytes: expect.any(Number) })
    expect(await json(['stats'])).toEqual({ dir, entries: 0, bytes: 0 })
    expect(workspace.list()).toContain('cat.png')
  })

  test('uses the folder of --cache-dir', async () => {
    expect(await json(['stats', '--cache-dir', 'other'])).toMatchObject({
      dir: workspace.path('other'),
      entries: 0,
    })
  })
})

describe('the folder of the cache', () => {
  const findDir = async () => {
    const settings = { NOBG_CACHE_DIR: '', XDG_CACHE_HOME: '' }
    return JSON.parse((await workspace.run(['cache', '--json'], settings)).stdout).dir
  }

  test('is in node_modules inside a package, and in the user’s cache folder elsewhere', async () => {
    expect(await findDir()).not.toContain(workspace.dir)
    if (process.platform === 'linux') expect(await findDir()).toBe(join(homedir(), '.cache/nobg'))
    writeFileSync(workspace.path('package.json'), '{}')
    expect(await findDir()).toBe(workspace.path('node_modules/.cache/nobg'))
    expect(readdirSync(workspace.dir)).not.toContain('.nobg-cache')
  })
})
