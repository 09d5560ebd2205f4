import { access, appendFile, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Facts about requests that have not ended, as small files: cheaper than a new record. They outlive the process but not a loss of power. */
export interface Marks {
  /** Adds one to the starts of a request. */
  addStart(id: string): Promise<void>
  countStarts(id: string): Promise<number>
  /** Takes the last start back. */
  removeStart(id: string): Promise<void>
  /** Notes that the server closed while clients watched the request. */
  noteCut(id: string): Promise<void>
  wasCut(id: string): Promise<boolean>
  remove(id: string): Promise<void>
  /** Removes the marks of all other requests. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>
}

/** Opens the marks of a folder: `starts/<id>` holds one byte per start, `cut/<id>` is empty. */
export async function openMarks(dir: string): Promise<Marks> {
  const starts = join(dir, 'starts')
  const cut = join(dir, 'cut')
  const folders = [starts, cut]
  for (const folder of folders) await mkdir(folder, { recursive: true })
  const countStarts = (id: string) =>
    stat(join(starts, id)).then(
      ({ size }) => size,
      () => 0,
    )
  async function remove(id: string): Promise<void> {
    for (const folder of folders) await rm(join(folder, id), { force: true })
  }

  return {
    addStart: id => appendFile(join(starts, id), '.', { mode: 0o600 }),
    countStarts,
    removeStart: async id => truncate(join(starts, id), Math.max(0, (await countStarts(id)) - 1)),
    noteCut: id => writeFile(join(cut, id), '', { mode: 0o600 }),
    wasCut: id => exists(join(cut, id)),
    remove,
    async keepOnly(ids) {
      for (const folder of folders)
        for (const id of await readdir(folder)) if (!ids.has(id)) await rm(join(folder, id), { force: true })
    },
  }
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
