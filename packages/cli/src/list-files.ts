import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SIDECAR_NAME } from '@nobg/core/internal'
import picomatch from 'picomatch'

/** What a walk through a folder found. */
export interface Listing {
  /** Paths of the files that match, each file by one path, in the order in which people count. */
  files: string[]
  /** Folders, and links to something, that could not be read. */
  unreadable: { path: string; error: NodeJS.ErrnoException }[]
}

export interface ListSettings {
  /** A glob below the folder; `**` for all. */
  pattern: string
  /** Whether a file of this path is wanted, by its name alone. */
  isWanted(path: string): boolean
  /** Whether a folder of this path is left out, with all below it. */
  isLeftOut(path: string): boolean
}

interface Folder {
  path: string
  /** From the base, with / between folders; '' for the base itself. */
  place: string
}

/**
 * Lists the files below a folder: links are followed, hidden files are left out unless the pattern names them, and so are
 * `node_modules` and the entries of any cache of nobg. What links lead to is listed by its own path if it has one below
 * the base. Own code, because globbing libraries skip unreadable folders in silence, and names with a line break.
 */
export async function listFiles(base: string, settings: ListSettings): Promise<Listing> {
  const listing: Listing = { files: [], unreadable: [] }
  const note = (path: string) => (error: NodeJS.ErrnoException) => {
    listing.unreadable.push({ path, error })
  }
  const match = createMatchers(settings.pattern)
  const visited = new Set<string>()
  const folders: Folder[] = [{ path: base, place: '' }]
  const linked: Folder[] = []

  async function visit(entry: Dirent, folder: Folder): Promise<void> {
    const path = join(folder.path, entry.name)
    const place = folder.place ? `${folder.place}/${entry.name}` : entry.name
    const isWanted = settings.isWanted(path) && match.file(place)
    const isPassable = entry.name !== 'node_modules' && match.folder(place) && !settings.isLeftOut(path)
    if (!isWanted && !isPassable) return
    const isLink = entry.isSymbolicLink()
    const isFolder = isLink ? await leadsToFolder(path) : entry.isDirectory()
    if (!isFolder && isWanted) listing.files.push(path)
    if (isFolder && isPassable) (isLink ? linked : folders).push({ path, place })
  }

  async function list(folder: Folder): Promise<void> {
    const real = await realpath(folder.path)
    // A link to a folder above leads to the same files over and over.
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

/** Whether a link leads to a folder; one that leads nowhere, or to itself, does not. */
async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return false
    throw error
  }
}

/** Whether a place matches a pattern, and whether something below a folder can. */
function createMatchers(pattern: string) {
  // With `s`, a dot in a regular expression is a line break too, as in a name.
  const flags = process.platform === 'linux' ? 's' : 'si'
  const create = (glob: string) => picomatch(glob, { flags, strictSlashes: true })
  const file = create(pattern)
  const { parts = [] } = picomatch.scan(pattern, { parts: true })
  const steps = (parts.length > 0 ? parts : [pattern]).map(part => ({ part, matches: create(part) }))
  const folder = (place: string): boolean => {
    const names = place.split('/')
    for (const [index, name] of names.entries()) {
      const step = steps[index]
      if (!step) return false
      // Braces that hold a slash: what they stand for is several steps.
      if (step.part.includes('/')) return true
      // From here on any folder may stand for any of the steps that are left.
      const left = steps.slice(index)
      if (step.part === '**')
        return names.slice(index).every(name => left.some(({ matches }) => matches(name)))
      if (!step.matches(name)) return false
    }
    return true
  }
  return { file, folder }
}
