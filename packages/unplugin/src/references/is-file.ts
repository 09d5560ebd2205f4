import { statSync } from 'node:fs'

/** Whether a path names a file. Any text may be given: an address of a request, or an id of a virtual module. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    // The text has a null byte, is too long, names a cycle of links, or a folder that the process may not read.
    return false
  }
}
