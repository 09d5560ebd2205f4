import { createWriteStream } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expectSize, makeDir, makeWhole, writeWhole } from '@nobg/core/internal'
import { createStorage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'
import { countPieces, type StreamedStorage, type Streams } from './content.ts'

/** A write that takes longer has been left by a killed process. */
const STALE_MS = 3_600_000

/**
 * unstorage's driver for folders, with writes that are whole or not at all: on a full disk its own leaves truncated
 * labels and parts, which would be read as whole.
 */
export async function openFolder(base: string): Promise<Required<StreamedStorage>> {
  const driver = fsDriver({ base })
  // Not in the folder of the file: a sweep removes every file there as expired.
  const tmpDir = join(base, 'tmp')
  await removeStale(tmpDir)
  const pathOf = (key: string) => join(base, ...key.split(':'))
  async function makeFolders(key: string): Promise<string> {
    const path = pathOf(key)
    await makeDir(dirname(path))
    await makeDir(tmpDir)
    return path
  }
  const write = async (key: string, data: Uint8Array | string) =>
    writeWhole(await makeFolders(key), data, { tmpDir })

  /** The driver's own lists all folders for each prefix. */
  async function getKeys(prefix = ''): Promise<string[]> {
    const entries = await readdir(pathOf(prefix), { recursive: true, withFileTypes: true }).catch(error => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const files = entries.filter(entry => entry.isFile())
    return files.map(({ parentPath, name }) => relative(base, join(parentPath, name)).replaceAll(sep, ':'))
  }

  const streams: Streams = {
    async write(key, content) {
      const writePart = async (part: string) => {
        await pipeline(countPieces(content), createWriteStream(part, { flags: 'wx' }))
        await expectSize(part, content.size)
      }
      await makeWhole(await makeFolders(key), writePart, { tmpDir })
    },
    async readRange(key, start, end) {
      const file = await open(pathOf(key))
      try {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },
    measure: key =>
      stat(pathOf(key)).then(
        ({ size }) => size,
        () => undefined,
      ),
  }
  return {
    storage: createStorage({ driver: { ...driver, getKeys, setItem: write, setItemRaw: write } }),
    streams,
  }
}

async function removeStale(tmpDir: string): Promise<void> {
  const before = Date.now() - STALE_MS
  for (const name of await readdir(tmpDir).catch(() => [])) {
    const path = join(tmpDir, name)
    const isStale = await stat(path).then(
      ({ mtimeMs }) => mtimeMs < before,
      () => false,
    )
    if (isStale) await rm(path, { force: true })
  }
}
