import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { fileStore } from '../src/cache/file-store.ts'
import { createRescueFolder } from '../src/cache/rescue-folder.ts'
import { openKeptMattes } from '../src/mattes/kept-mattes.ts'
import { fetchWeights } from '../src/models/fetch.ts'
import { findOptimized, giveUpOptimized, makeOptimized, placeOptimized } from '../src/models/optimized.ts'
import { unpackWeights } from '../src/models/unpack.ts'
import { copyWhole } from '../src/shared/copy-file.ts'
import { digestBytesSync } from '../src/shared/hash.ts'
import { writeWhole } from '../src/shared/write-whole.ts'
import { plainModel, saveModel, twoOutputs } from './support/graphs.ts'
import { fillDisk, mountSmallDisk, PAGE } from './support/small-disk.ts'

const bytes = new Uint8Array(3 * PAGE).fill(7)
const former = Buffer.from('former')

/** A function that writes to the disk, and what a reader finds. */
interface Writer {
  write(): Promise<unknown>
  /** @returns undefined if there is nothing to read */
  read(): Promise<unknown>
  /** What a reader finds if the write succeeds. Default: three pages. */
  written?: unknown
  /** What a reader finds if the write fails. Default: nothing. */
  kept?: unknown
}

/** Each is opened before the disk is filled. `dir` is a folder on another disk. */
const writers: Record<string, (disk: string, dir: string) => Writer | Promise<Writer>> = {
  'writeWhole of a new file'(disk) {
    const path = join(disk, 'file')
    return { write: () => writeWhole(path, bytes), read: () => readIfThere(path) }
  },
  'writeWhole over a file, flushed'(disk) {
    const path = join(disk, 'file')
    writeFileSync(path, former)
    return {
      write: () => writeWhole(path, bytes, { flush: true }),
      read: () => readIfThere(path),
      kept: Uint8Array.from(former),
    }
  },
  'copyWhole over a file'(disk, dir) {
    const [from, to] = [join(dir, 'from'), join(disk, 'to')]
    writeFileSync(from, bytes)
    writeFileSync(to, former)
    return {
      write: () => copyWhole(from, to),
      read: () => readIfThere(to),
      kept: Uint8Array.from(former),
    }
  },
  async 'a kept matte'(disk, dir) {
    const logger = { info() {}, warn() {} }
    const kept = openKeptMattes({ dir: disk, root: dir, frozen: async () => false, logger })
    const subject = { name: 'ada', digest: 'ab'.repeat(32), model: 'portrait', operatingResolution: 1024 }
    const keep = async () => {
      // A matte that cannot be kept is no error of the picture.
      if (!(await kept.put(subject, bytes, async () => true))) await kept.write(subject, bytes)
    }
    return { write: keep, read: () => readIfThere(kept.pathOf(subject)) }
  },
  async 'the cache, a new entry'(disk) {
    const store = fileStore({ dir: disk })
    const entry = { bytes, fileName: 'a.png', meta: {} }
    await store.set('cutouts:other', { value: { ...entry, bytes: former } })
    return {
      write: () => store.set('cutouts:key', { value: entry }),
      read: async () => ((await store.get('cutouts:key')) as { value: unknown } | undefined)?.value,
      written: entry,
    }
  },
  async 'the cache, an entry of another picture'(disk) {
    const store = fileStore({ dir: disk })
    const entry = { bytes, fileName: 'a.png', meta: {} }
    await store.set('cutouts:key', { value: { ...entry, bytes: Uint8Array.from(former) } })
    let begun = false
    return {
      write: async () => {
        begun = true
        await store.set('cutouts:key', { value: entry })
      },
      read: async () => {
        const read = ((await store.get('cutouts:key')) as { value: typeof entry } | undefined)?.value
        // The former entry stays whole until its successor begins, and is never mixed with it.
        return begun && read?.bytes.length === former.length ? undefined : read
      },
      written: entry,
    }
  },
  'the temporary folder of cutouts that the cache cannot store'(disk) {
    vi.stubEnv('TMPDIR', disk)
    const folder = createRescueFolder()
    onTestFinished(() => folder.remove())
    const files = () => readdirSync(disk, { recursive: true }).filter(name => String(name).endsWith('a.png'))
    return {
      write: () => folder.place('key', { bytes, fileName: 'a.png', meta: {} }),
      read: async () => files().map(file => Uint8Array.from(readFileSync(join(disk, String(file)))))[0],
    }
  },
  async 'a download of weights of unknown size'(disk) {
    const server = createServer((_, response) => void response.end(bytes)).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/plain.onnx`
    const model = { ...plainModel, bytes: undefined, sha256: digestBytesSync(bytes), urls: [url] }
    const path = join(disk, 'plain.onnx')
    return {
      write: () => fetchWeights(model, path, { download: true }, {}),
      read: () => readIfThere(path),
    }
  },
  'weights from an archive'(disk, dir) {
    const archive = join(dir, 'package.zip')
    mkdirSync(archive)
    writeFileSync(join(archive, 'weights.onnx'), bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    // An absolute path resolves to itself.
    const model = {
      ...plainModel,
      package: join(archive, 'weights.onnx'),
      bytes: bytes.length,
      sha256,
    }
    const path = join(disk, 'plain.onnx')
    return {
      write: () => unpackWeights(model, path, {}, undefined),
      read: () => readIfThere(path),
    }
  },
  async 'an optimized graph'(disk, dir) {
    const source = join(dir, 'plain.onnx')
    const model = await saveModel(source, twoOutputs, { output: 'mean' })
    const place = placeOptimized(model, model.sha256 ?? '', disk)
    return {
      write: () => makeOptimized(source, place, undefined),
      read: async () => (await findOptimized(place))?.file,
      written: expect.objectContaining({ path: place.path, isOptimized: true }),
    }
  },
  async 'the note that a graph cannot be optimized'(disk, dir) {
    const model = await saveModel(join(dir, 'plain.onnx'), twoOutputs, { output: 'mean' })
    const place = placeOptimized(model, model.sha256 ?? '', disk)
    return {
      write: () => giveUpOptimized(place, 'for a reason'),
      read: () => findOptimized(place),
      written: { reason: 'for a reason' },
    }
  },
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return existsSync(path) ? Uint8Array.from(readFileSync(path)) : undefined
}

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nobg-full-disk-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

describe.each(Object.entries(writers))('%s', (_, open) => {
  test.for([0, 1, 2, 3, 4, 5, 8])(
    'with %i free pages is reported, or is whole for its reader',
    async (pages, context) => {
      const disk = mountSmallDisk(context)
      const { write, read, written = bytes, kept } = await open(disk, dir)
      fillDisk(disk, pages * PAGE)
      const error = await write().then(
        () => undefined,
        error => error,
      )
      // No write fits on a full disk, and each fits into eight pages.
      if (pages === 0) expect(error).toBeDefined()
      if (pages === 8) expect(error).toBeUndefined()
      if (error) expect(`${error.code} ${error.message}`).toMatch(/ENOSPC|free disk/)
      expect(await read()).toEqual(error ? kept : written)
      const left = readdirSync(disk, { recursive: true }).map(String)
      // A download is resumed from its part.
      expect(left.filter(name => name.endsWith('.part') && !/\.onnx\.[\da-f]{8}\.part$/.test(name))).toEqual(
        [],
      )
    },
  )
})

test('a full disk does not keep the cache from evicting', async context => {
  const disk = mountSmallDisk(context)
  const entry = { bytes, fileName: 'a.png', meta: {} }
  await fileStore({ dir: disk }).set('cutouts:old', { value: entry })
  // With the page of .gitignore, room for the entry, but not for the files that an eviction writes.
  fillDisk(disk, 3 * PAGE)
  rmSync(join(disk, 'v1', '.swept'))
  rmSync(join(disk, 'v1', '.gitignore'))
  const store = fileStore({ dir: disk, maxBytes: bytes.length * 1.5, keepMs: 0 })
  await store.set('cutouts:new', { value: entry })
  expect((await store.stats()).entries).toBeLessThan(2)
})
