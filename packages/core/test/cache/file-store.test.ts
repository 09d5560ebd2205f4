import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { Keyv } from 'keyv'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CacheEntry } from '../../src/cache/entry.ts'
import { type FileStore, fileStore } from '../../src/cache/file-store.ts'
import { layOut } from '../../src/cache/layout.ts'
import { readEntry, type VerifiedFiles } from '../../src/cache/read-entry.ts'
import { digestBytesSync } from '../../src/shared/hash.ts'
import { makeTempDir } from './temp-dir.ts'
import { makeEntry } from './test-store.ts'

const key = 'cutouts:1a2b3c'
let dir: string
let store: FileStore
let entry: CacheEntry
let picture: string
let sidecar: string

beforeEach(async () => {
  dir = makeTempDir()
  store = fileStore({ dir })
  entry = makeEntry()
  picture = store.pathOf(key, entry.fileName)
  sidecar = join(dirname(picture), '.entry.json')
  await store.set(key, { value: entry })
})

function editSidecar(edit: (fields: Record<string, unknown>) => void): void {
  const fields = JSON.parse(readFileSync(sidecar, 'utf8'))
  edit(fields)
  writeFileSync(sidecar, JSON.stringify(fields))
}

describe('a damaged entry', () => {
  const replaceByFolder = (path: string) => {
    rmSync(path)
    mkdirSync(join(path, 'folder'), { recursive: true })
  }
  const damages: [string, () => void][] = [
    ['a picture cut short', () => truncateSync(picture, 500)],
    ['an empty picture', () => truncateSync(picture, 0)],
    ['a picture with a byte more', () => writeFileSync(picture, '!', { flag: 'a' })],
    ['a picture with one bit flipped', () => flipBit(picture)],
    ['no picture', () => rmSync(picture)],
    ['a folder in place of the picture', () => replaceByFolder(picture)],
    ['no sidecar', () => rmSync(sidecar)],
    ['an empty sidecar', () => truncateSync(sidecar, 0)],
    ['a sidecar cut short', () => truncateSync(sidecar, 40)],
    ['a sidecar of garbage', () => writeFileSync(sidecar, Buffer.from([0, 255, 1, 254]))],
    ['a sidecar that is null', () => writeFileSync(sidecar, 'null')],
    [
      'a sidecar of another key',
      () => editSidecar(fields => Object.assign(fields, { key: 'cutouts:other' })),
    ],
    [
      'a sidecar that leads elsewhere',
      () => editSidecar(fields => Object.assign(fields, { fileName: '../../x' })),
    ],
    ['a sidecar without meta', () => editSidecar(fields => delete fields.meta)],
    [
      'a sidecar with a wrong digest',
      () => editSidecar(fields => Object.assign(fields, { sha256: 'f'.repeat(64) })),
    ],
    [
      'a sidecar with a wrong length',
      () => editSidecar(fields => Object.assign(fields, { byteLength: 999 })),
    ],
    [
      'a sidecar that ended yesterday',
      () => editSidecar(fields => Object.assign(fields, { expires: Date.now() - 864e5 })),
    ],
    ['a folder in place of the sidecar', () => replaceByFolder(sidecar)],
    ['an empty folder', () => [picture, sidecar].forEach(path => void rmSync(path))],
    ['no folder', () => rmSync(dirname(picture), { recursive: true })],
    [
      'a file in place of the folder',
      () => {
        rmSync(dirname(picture), { recursive: true })
        writeFileSync(dirname(picture), '')
      },
    ],
  ]

  describe.each(damages)('%s', (_, damage) => {
    it.each([
      ['by this process', () => store],
      ['by another process', () => fileStore({ dir })],
    ])('is a miss and is replaced if it was verified %s', async (_, reader) => {
      expect(await store.get(key)).toEqual({ value: entry })
      damage()
      const damaged = reader()
      expect(await damaged.find(key)).toBeUndefined()
      expect(await damaged.get(key)).toBeUndefined()
      expect(await damaged.has(key)).toBe(false)
      expect(existsSync(sidecar)).toBe(false)
      const next = makeEntry(700, 'other.png')
      await damaged.set(key, { value: next })
      expect(await damaged.get(key)).toEqual({ value: next })
      expect(await store.get(key)).toEqual({ value: next })
    })

    it('is removed by verify(), and other entries stay', async () => {
      await store.set('mattes:1', { value: entry })
      damage()
      const counted = existsSync(sidecar) ? 1 : 0
      expect(await fileStore({ dir }).verify()).toEqual({ entries: 1 + counted, removed: counted })
      expect(existsSync(sidecar)).toBe(false)
      expect(await fileStore({ dir }).verify()).toEqual({ entries: 1, removed: 0 })
      expect(await store.get('mattes:1')).toEqual({ value: entry })
    })
  })

  it('is overwritten without being read', async () => {
    for (const [, damage] of damages) {
      await store.set(key, { value: entry })
      damage()
      await store.set(key, { value: entry })
      expect(await store.get(key)).toEqual({ value: entry })
    }
  })
})

describe('fileStore', () => {
  it('keeps a plain file and its sidecar', () => {
    expect(picture).toBe(join(dir, 'v1', 'cutouts', '1a2b3c', 'cat.png'))
    expect(Uint8Array.from(readFileSync(picture))).toEqual(entry.bytes)
    expect(JSON.parse(readFileSync(sidecar, 'utf8'))).toMatchObject({
      key,
      fileName: 'cat.png',
      byteLength: 1000,
      meta: entry.meta,
    })
    expect(readdirSync(join(dir, 'v1', 'tmp'))).toEqual([])
    expect(readFileSync(join(dir, 'v1', '.gitignore'), 'utf8')).toBe('*\n')
  })

  it('does not hash an unchanged file again', async () => {
    const verified: VerifiedFiles = new Map()
    const read = () => readEntry(layOut(dir), key, verified, false)
    expect(await read()).toMatchObject({ path: picture })
    const [digest, ...state] = verified.get(picture)!.split(',')
    expect(digest).toBe(digestBytesSync(entry.bytes))
    // The recorded digest is wrong: reading succeeds only if nothing computes the digest.
    const otherDigest = 'f'.repeat(64)
    editSidecar(fields => Object.assign(fields, { sha256: otherDigest }))
    verified.set(picture, [otherDigest, ...state].join())
    expect(await read()).toMatchObject({ path: picture })
    utimesSync(picture, new Date(), new Date())
    expect(await read()).toBeUndefined()
  })

  it('records a use on disk, at most once a minute', async () => {
    const [now, anHourAgo, aMomentAgo] = [Date.now(), Date.now() - 3_600_000, Date.now() - 5_000]
    utimesSync(sidecar, new Date(anHourAgo), new Date(anHourAgo))
    await store.find(key)
    expect(statSync(sidecar).mtimeMs).toBeGreaterThan(now - 2)
    utimesSync(sidecar, new Date(aMomentAgo), new Date(aMomentAgo))
    await store.get(key)
    expect(Math.abs(statSync(sidecar).mtimeMs - aMomentAgo)).toBeLessThan(2)
  })

  it('never writes outside its folder', async () => {
    const hostile = '../../../x:../../../../y'
    await store.set(hostile, { value: { ...entry, fileName: '../../../../z/.entry.json' } })
    expect(await store.get(hostile)).toEqual({ value: { ...entry, fileName: 'entry.json' } })
    expect(readdirSync(dir)).toEqual(['v1'])
    expect(store.pathOf(hostile, '../../a')).toContain(join(dir, 'v1', '_'))
  })

  it('replaces an entry under another name', async () => {
    const next = makeEntry(10, 'dog.webp')
    await store.set(key, { value: next })
    expect(await store.get(key)).toEqual({ value: next })
    expect(await store.stats()).toMatchObject({ entries: 1 })
  })

  it('deletes, returns whether the entry existed, and clears', async () => {
    await store.set('mattes:1', { value: entry })
    expect(await store.stats()).toEqual({ entries: 2, bytes: expect.any(Number) })
    expect(await store.delete(key)).toBe(true)
    expect(await store.delete(key)).toBe(false)
    expect(existsSync(dirname(picture))).toBe(false)
    expect(await store.has('mattes:1')).toBe(true)
    await store.clear()
    expect(await store.stats()).toEqual({ entries: 0, bytes: 0 })
  })

  it('verifies without recording a use', async () => {
    const longAgo = new Date(1e12)
    utimesSync(sidecar, longAgo, longAgo)
    expect(await store.verify()).toEqual({ entries: 1, removed: 0 })
    expect(statSync(sidecar).mtimeMs).toBe(1e12)
  })

  it('counts the bytes of a linked picture once, and returns damaged bytes under none of its keys', async () => {
    const { bytes } = await store.stats()
    expect(await store.link(key, 'cutouts:second')).toBe(true)
    // A second sidecar has about 250 bytes, the picture 1000.
    expect((await store.stats()).bytes - bytes).toBeLessThan(400)
    truncateSync(picture, 10)
    expect([await store.get(key), await store.get('cutouts:second')]).toEqual([undefined, undefined])
    expect(await store.link(key, 'cutouts:second')).toBe(false)
  })

  it('links a picture again, and leaves no temporary file', async () => {
    for (const _ of [1, 2]) expect(await store.link(key, 'cutouts:second')).toBe(true)
    expect(await store.get('cutouts:second')).toEqual({ value: entry })
    expect(readdirSync(layOut(dir).tmpDir)).toEqual([])
  })

  it('verifies a missing folder', async () => {
    expect(await fileStore({ dir: join(dir, 'none') }).verify()).toEqual({ entries: 0, removed: 0 })
    expect(existsSync(join(dir, 'none'))).toBe(false)
  })

  it('serves Keyv, with namespaces, many keys at once and times to live', async () => {
    const keyv = new Keyv({ store: fileStore({ dir }), serialization: false, namespace: 'a' })
    const other = new Keyv({ store: fileStore({ dir }), serialization: false, namespace: 'b' })
    await keyv.setMany([
      { key: 'x', value: entry },
      { key: 'y', value: makeEntry() },
    ])
    await other.set('x', makeEntry())
    expect(await keyv.getMany(['x', 'none'])).toEqual([entry, undefined])
    expect(await keyv.hasMany(['y', 'none'])).toEqual([true, false])
    expect(await keyv.deleteMany(['y', 'none'])).toEqual([true, false])
    await keyv.clear()
    expect([await keyv.has('x'), await other.has('x')]).toEqual([false, true])
    await keyv.set('short', entry, 1)
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(await keyv.get('short')).toBeUndefined()
    await keyv.set('long', entry, 60_000)
    expect(await keyv.get('long')).toEqual(entry)
  })

  it('refuses a value that is no entry', async () => {
    const refusal = { code: 'INVALID_OPTION', hint: expect.stringContaining('serialization: false') }
    await expect(store.set(key, '{"value":"text"}')).rejects.toMatchObject(refusal)
    await expect(store.set(key, { value: { bytes: 'text' } })).rejects.toMatchObject(refusal)
    const meta = { width: Number.NaN }
    await expect(store.set(key, { value: { ...entry, meta } })).rejects.toMatchObject(refusal)
  })

  it.each([
    [undefined, 'Expected an object of options, got undefined.'],
    [{}, 'fileStore, dir: expected the path of a folder, got undefined.'],
    [{ dir: '' }, "fileStore, dir: expected the path of a folder, got ''."],
    [{ dir: 'x', maxBytes: -1 }, 'fileStore, maxBytes: expected a number of at least 0, got -1.'],
    [{ dir: 'x', maxBytes: Number.NaN }, 'fileStore, maxBytes: expected a number of at least 0'],
    [{ dir: 'x', keepMs: '1' }, "fileStore, keepMs: expected a number of at least 0, got '1'."],
    [{ dir: 'x', maxbytes: 1 }, "Unknown option of fileStore 'maxbytes'."],
  ])('refuses the options %j', (options, message) => {
    expect(() => fileStore(options as { dir: string })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    )
  })
})

function flipBit(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(path, bytes)
}
