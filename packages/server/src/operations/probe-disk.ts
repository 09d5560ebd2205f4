import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '@nobg/core/internal'

/** A record of a request and a small upload fit. */
const PROBE_BYTES = 16_384

/**
 * Creates a check that writes a small file to a folder and removes it. The sizes that a file system reports do not include
 * quotas, inodes and permissions. Calls at the same time share one write.
 *
 * @returns a function that resolves with the reason why files cannot be written, or undefined
 */
export function createDiskProbe(dir: string): () => Promise<string | undefined> {
  const path = join(dir, 'disk-probe')
  let running: Promise<string | undefined> | undefined

  async function probe(): Promise<string | undefined> {
    try {
      await writeWhole(path, Buffer.alloc(PROBE_BYTES, 1))
      await rm(path)
      return undefined
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException
      return code === 'ENOSPC' ? 'The disk is full.' : `Files cannot be written: ${code ?? name}.`
    }
  }

  return () => {
    running ??= probe().finally(() => {
      running = undefined
    })
    return running
  }
}
