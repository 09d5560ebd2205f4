import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Gets a message about a file or a folder that cannot be read. The check goes on without it. */
export type Warn = (message: string) => void

/** Folders of packages and of repositories contain no pages. */
const LEFT_OUT = new Set(['node_modules', '.git'])
/** The file does not exist, or no longer, or is a folder by now. A cycle of links names no file. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP'])

/**
 * Lists the files of a folder and its subfolders, without packages and repositories.
 *
 * @param folder absolute path. A folder that does not exist has no files.
 * @param followsLinks whether symbolic links count as what they name, as in a folder that a tool copies. By default they are
 *   left out.
 * @returns paths from the folder, with forward slashes.
 */
export function listFiles(folder: string, warn: Warn, followsLinks = false): string[] {
  const names: string[] = []
  visit('', [])
  return names

  function visit(prefix: string, parents: readonly string[]): void {
    const path = join(folder, prefix)
    const real = followsLinks ? tryRead(path, warn, () => realpathSync(path)) : path
    // A link to a folder around it has no end.
    if (real === undefined || parents.includes(real)) return
    const entries = tryRead(path, warn, () => readdirSync(path, { withFileTypes: true })) ?? []
    for (const entry of entries) {
      const kind = followsLinks && entry.isSymbolicLink() ? follow(join(path, entry.name)) : entry
      if (kind?.isFile()) names.push(prefix + entry.name)
      else if (kind?.isDirectory() && !LEFT_OUT.has(entry.name))
        visit(`${prefix}${entry.name}/`, [...parents, real])
    }
  }

  function follow(path: string): Dirent | Stats | undefined {
    return tryRead(path, warn, () => statSync(path, { throwIfNoEntry: false }))
  }
}

/** Reads a file as text. @returns undefined if there is no such file, or it cannot be read. */
export async function readText(path: string, warn: Warn): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    return explain(path, warn, error)
  }
}

function tryRead<Result>(path: string, warn: Warn, read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    return explain(path, warn, error)
  }
}

function explain(path: string, warn: Warn, error: unknown): undefined {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (NO_FILE.has(code)) return
  warn(
    `nobg: Expected to read ${path} and to check it for marked images, received: ${message}.
  nobg did not check it. Allow the build to read it, or delete it.`,
  )
}
