import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Desk, openDesk } from './support/desk.ts'

let desk: Desk
let env: Record<string, string>

beforeEach(() => {
  desk = openDesk()
  env = { NOBG_CACHE_DIR: desk.path('cache') }
})

const json = async (words: string[]) =>
  JSON.parse((await desk.run(['cache', ...words, '--json'], env)).stdout)

describe('nobg cache', () => {
  test('stats, verify and clear', async () => {
    const dir = desk.path('cache')
    desk.put('cat', 'cat.jpg')
    expect(await desk.run(['cat.jpg'], env)).toMatchObject({ code: 0 })
    const stats = await json(['stats'])
    // One matte and one cut-out.
    expect(stats).toEqual({ dir, entries: 2, bytes: expect.any(Number) })
    expect((await desk.run(['cache'], env)).stdout).toMatch(/cache: 2 entries, \d+ kB$/)
    expect(await json(['verify'])).toEqual({ dir, entries: 2, removed: 0 })
    const pictures = desk.list().filter(file => /^cache\/.*\.png$/.test(file))
    const picture = desk.path(pictures[0])
    truncateSync(picture, statSync(picture).size - 1)
    const { code, stdout } = await desk.run(['cache', 'verify'], env)
    expect([code, stdout]).toEqual([0, `${dir}: 2 entries read, 1 damaged and removed`])
    expect(await json(['verify'])).toEqual({ dir, entries: 1, removed: 0 })
    expect(await json(['clear'])).toEqual({ dir, removed: 1, bytes: expect.any(Number) })
    expect(await json(['stats'])).toEqual({ dir, entries: 0, bytes: 0 })
    expect(desk.list()).toContain('cat.png')
  })

  test('another one by --cache-dir', async () => {
    expect(await json(['stats', '--cache-dir', 'other'])).toMatchObject({
      dir: desk.path('other'),
      entries: 0,
    })
  })
})

describe('the folder of the cache', () => {
  const findDir = async () => {
    const settings = { NOBG_CACHE_DIR: '', XDG_CACHE_HOME: '' }
    return JSON.parse((await desk.run(['cache', '--json'], settings)).stdout).dir
  }

  test('is the package’s own, and the user’s anywhere else', async () => {
    expect(await findDir()).not.toContain(desk.dir)
    if (process.platform === 'linux') expect(await findDir()).toBe(join(homedir(), '.cache/nobg'))
    writeFileSync(desk.path('package.json'), '{}')
    expect(await findDir()).toBe(desk.path('node_modules/.cache/nobg'))
    expect(readdirSync(desk.dir)).not.toContain('.nobg-cache')
  })
})
