import { link, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDir } from '../shared/make-dir.ts'
import { withOpenFile } from '../shared/open-files.ts'
import { makeWhole, writeWhole } from '../shared/write-whole.ts'
import { entryDirOf, type Layout, SIDECAR_NAME } from './layout.ts'
import { readEntry, type VerifiedFiles } from './read-entry.ts'
import { withFreeEntryDir } from './write-entry.ts'

/**
 * Stores the picture of a key under a second key, as a hard link: the disk holds its bytes once.
 *
 * @returns number of bytes written; `undefined` if the first key has no entry
 * @throws {Error} the system's, with its `code`, such as EPERM on a file system without links
 */
export async function linkEntry(
  layout: Layout,
  from: string,
  to: string,
  verified: VerifiedFiles,
): Promise<number | undefined> {
  const entryDir = entryDirOf(layout, to)
  const { tmpDir } = layout
  return withFreeEntryDir(layout, entryDir, async () => {
    const found = await readEntry(layout, from, verified, false)
    if (!found) return undefined
    const text = `${JSON.stringify({ ...found.sidecar, key: to }, null, 2)}\n`
    await makeDir(entryDir)
    await makeDir(tmpDir)
    await rm(join(entryDir, SIDECAR_NAME), { force: true })
    await makeWhole(join(entryDir, found.sidecar.fileName), part => link(found.path, part), { tmpDir })
    await withOpenFile(() => writeWhole(join(entryDir, SIDECAR_NAME), text, { tmpDir }))
    return text.length
  })
}
