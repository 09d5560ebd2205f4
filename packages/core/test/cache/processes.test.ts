import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache/cache.ts'
import { fileStore } from '../../src/cache/file-store.ts'
import { layOut } from '../../src/cache/layout.ts'
import { digestBytesSync } from '../../src/shared/hash.ts'
import { makeTempDir } from './temp-dir.ts'
import { createRecorder, makeEntry } from './test-store.ts'

const SCRIPT = fileURLToPath(new URL('./fixtures/ask-cache.ts', import.meta.url))

interface Asker {
  process: ChildProcess
  /** Lines that the process has printed so far. */
  lines: () => string[]
  /** Exit code of the process, when it has ended. */
  ended: Promise<number | null>
}

function ask(dir: string, manner: string, ...keys: string[]): Asker {
  const child = spawn(process.execPath, [SCRIPT, dir, manner, ...keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  return {
    process: child,
    lines: () => text.split('\n').filter(line => line !== ''),
    ended: once(child, 'close').then(([code]) => code),
  }
}

async function killOnceCreated(asker: Asker, afterMs = 0): Promise<void> {
  while (asker.lines().length === 0) await once(asker.process.stdout!, 'data')
  await new Promise(resolve => setTimeout(resolve, afterMs))
  asker.process.kill('SIGKILL')
  await asker.ended
}

const openCache = (dir: string) =>
  createCache({ namespace: 'cutouts', store: fileStore({ dir }), logger: createRecorder() })

describe('several processes', () => {
  it('create each entry of a cold cache once', async () => {
    const dir = makeTempDir()
    const keys = ['a', 'b', 'c', 'd']
    const askers = Array.from({ length: 3 }, () => ask(dir, 'build', ...keys))
    expect(await Promise.all(askers.map(asker => asker.ended))).toEqual([0, 0, 0])
    const lines = askers.flatMap(asker => asker.lines())
    expect(lines.filter(line => line.startsWith('created')).sort()).toEqual(keys.map(key => `created ${key}`))
    expect(new Set(lines.filter(line => line.startsWith('got'))).size).toBe(keys.length)
    expect(readdirSync(layOut(dir).lockDir)).toEqual([])
    expect(readdirSync(layOut(dir).tmpDir)).toEqual([])
  })

  it('without locks read whole entries or none', async () => {
    const dir = makeTempDir()
    const askers = Array.from({ length: 3 }, () => ask(dir, 'fight', 'a', 'b', 'c'))
    expect(await Promise.all(askers.map(asker => asker.ended))).toEqual([0, 0, 0])
    expect(askers.flatMap(asker => asker.lines())).toEqual([])
  })
})

describe('a process that is killed', () => {
  it('while it creates an entry: another process takes over its lock', async () => {
    const dir = makeTempDir()
    await killOnceCreated(ask(dir, 'hang', 'a'))
    const [lock] = readdirSync(layOut(dir).lockDir)
    expect(lock).toBe('cutouts-a.lock')
    const aMinuteAgo = new Date(Date.now() - 60_000)
    utimesSync(join(layOut(dir).lockDir, lock), aMinuteAgo, aMinuteAgo)
    expect(await openCache(dir).getOrCreate('a', async () => makeEntry())).toMatchObject({ cached: false })
    expect(readdirSync(layOut(dir).lockDir)).toEqual([])
  })

  it('while it writes: a whole entry or none is left, and the next write succeeds', async () => {
    const dir = makeTempDir()
    for (const afterMs of [0, 3, 7, 12, 20, 33]) {
      await killOnceCreated(ask(dir, 'write', 'a'), afterMs)
      const cache = openCache(dir)
      const path = cache.pathOf!('a', 'cat.png')
      // A program that ignores sidecars finds no partial picture either.
      if (existsSync(path)) expect(readFileSync(path).byteLength).toBe(2_000_000)
      const found = await cache.get('a')
      if (found) expect(digestBytesSync(found.bytes)).toBe(found.meta.digest)
      const { entry } = await cache.getOrCreate('a', async () => makeEntry())
      const kept = await openCache(dir).get('a')
      expect(digestBytesSync(kept!.bytes)).toBe(digestBytesSync(entry.bytes))
    }
  })
})

it('a process whose Redis is unreachable creates its entries and ends', async () => {
  const asker = ask(makeTempDir(), 'withoutRedis', 'a')
  expect(await asker.ended).toBe(0)
  expect(asker.lines()).toEqual([expect.stringContaining('warned The shared cache fails'), 'created a'])
})
