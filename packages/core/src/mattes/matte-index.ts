import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { listKeptMattes } from './list-kept-mattes.ts'

/** The folder is read again after this time: other programs, such as git, change it while a development server runs. */
const MAX_AGE_MS = 1000

/** Finds the mattes of a folder by file name: the name holds the digest of the photograph, the path may be an earlier one. */
export interface MatteIndex {
  /** Returns the absolute paths of all mattes with this file name, in any folder. */
  find(fileName: string): Promise<string[]>
  /** Adds a file that this process wrote. */
  add(file: string): void
}

/** Creates an index of a folder. Reads nothing yet. */
export function createMatteIndex(dir: string, root: string): MatteIndex {
  /** By file name. Files that are gone stay in it. */
  const paths = new Map<string, Set<string>>()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const add = (file: string) => {
    const name = basename(file)
    paths.set(name, (paths.get(name) ?? new Set()).add(file))
  }

  async function read(): Promise<void> {
    for (const { file } of await listKeptMattes(dir, root)) add(file)
    readAt = performance.now()
  }

  return {
    add,
    async find(fileName) {
      if (performance.now() - readAt > MAX_AGE_MS) {
        reading ??= read().finally(() => {
          reading = undefined
        })
        await reading
      }
      return [...(paths.get(fileName) ?? [])].filter(file => existsSync(file))
    },
  }
}
