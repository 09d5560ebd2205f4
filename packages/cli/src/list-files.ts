import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SIDECAR_NAME } from '@nobg/core/internal'
import picomatch from 'picomatch'

/** Result of {@link listFiles}. */
export interface Listing {
  /** Paths of the files that match, each file once, in natural order (`2.jpg` before `10.jpg`). */
  files: string[]
  /** Folders and links that could not be read. */
  unreadable: { path: string; error: NodeJS.ErrnoException }[]
}

export interface ListSettings {
  /** A glob below the folder; `**` for all. */
  pattern: string
  /** Whether a file with this path is listed. */
  isWanted(path: string): boolean
  /** Whether a folder with this path is left out, with everything below it. */
  isLeftOut(path: string): boolean
}

interface Folder {
  path: string
  /** Path below the base, with / between folders; '' for the base itself. */
  below: string
}

/**
 * Lists the files below a folder. Follows links. Leaves out `node_modules`, caches of nobg, and hidden files that the pattern
 * does not name. The target of a link is listed by its own path if it is below the base. Glob libraries are not used because
 * they silently skip unreadable folders and names with a line break.
 */
export async function listFiles(base: string, settings: ListSettings): Promise<Listing> {
  const listing: Listing = { files: [], unreadable: [] }
  const note = (path: string) => (error: NodeJS.ErrnoException) => {
    listing.unreadable.push({ path, error })
  }
  const match = createMatchers(settings.pattern)
  const visited = new Set<string>()
  const folders: Folder[] = [{ path: base, below: '' }]
  const linked: Folder[] = []

  async function visit(entry: Dirent, folder: Folder): Promise<void> {
    const path = join(folder.path, entry.name)
    const below = folder.below ? `${folder.below}/${entry.name}` : entry.name
    const isWanted = settings.isWanted(path) && match.file(below)
    const isPassable = entry.name !== 'node_modules' && match.folder(below) && !settings.isLeftOut(path)
    if (!isWanted && !isPassable) return
    const isLink = entry.isSymbolicLink()
    const isFolder = isLink ? await leadsToFolder(path) : entry.isDirectory()
    if (!isFolder && isWanted) listing.files.push(path)
    if (isFolder && isPassable) (isLink ? linked : folders).push({ path, below })
  }

  async function list(folder: Folder): Promise<void> {
    const real = await realpath(folder.path)
    // A link to a folder above would list the same files without end.
    if (visited.has(real)) return
    visited.add(real)
    const entries = await readdir(folder.path, { withFileTypes: true })
    if (entries.some(({ name }) => name === SIDECAR_NAME)) return
    for (const entry of entries) await visit(entry, folder).catch(note(join(folder.path, entry.name)))
  }

  for (let folder = folders.shift(); folder; folder = folders.shift() ?? linked.shift())
    await list(folder).catch(note(folder.path))
  listing.files.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return listing
}

/** Whether a link leads to a folder; false for a dead link and for a link to itself. */
async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return false
    throw error
  }
}

/** Tests whether a path matches a pattern, and whether a path below a folder can match it. */
function createMatchers(pattern: string) {
  // With `s` a dot also matches a line break, which a file name may contain.
  const flags = process.platform === 'linux' ? 's' : 'si'
  const create = (glob: string) => picomatch(glob, { flags, strictSlashes: true })
  const file = create(pattern)
  const { parts = [] } = picomatch.scan(pattern, { parts: true })
  const steps = (parts.length > 0 ? parts : [pattern]).map(part => ({ part, matches: create(part) }))
  const folder = (below: string): boolean => {
    const names = below.split('/')
    for (const [index, name] of names.entries()) {
      const step = steps[index]
      if (!step) return false
      // Braces that contain a slash stand for several steps.
      if (step.part.includes('/')) return true
      // After `**` any folder may match any of the remaining steps.
      const left = steps.slice(index)
      if (step.part === '**')
        return names.slice(index).every(name => left.some(({ matches }) => matches(name)))
      if (!step.matches(name)) return false
    }
    return true
  }
  return { file, folder }
}
