import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripPostfix } from '../references/reference.ts'

/** The id of an inline script or style block. Vite derives the id from the address of the page. */
const HTML_PROXY = /[?&]html-proxy\b/

/** Whether a module is an inline script or a style block of a page. */
export function isInlineModule(id: string): boolean {
  return HTML_PROXY.test(id)
}

/**
 * Finds the file of a page. An application that renders pages on the server hands its template to Vite with the address
 * of a request (`/blog/post`): the template is then the nearest `index.html`, from the address up to the root.
 *
 * @param path absolute path of the page, or its address below the root; a null byte and a query may be around it.
 * @returns absolute path; `index.html` of the root if no file fits.
 */
export function findPage(root: string, path: string): string {
  const address = stripPostfix(path).replace(/^\0/, '')
  const page = address.startsWith(`${root}/`) ? address : join(root, address)
  const file = [page, address].find(isFile)
  if (file) return file
  const below = page.startsWith(`${root}/`) ? listFolders(page, root) : []
  const template = [`${page}.html`, ...below.map(folder => join(folder, 'index.html'))].find(isFile)
  return template ?? join(root, 'index.html')
}

/** Absolute path of the file in which a module's references are written. */
export function findImporter(root: string, id: string): string {
  return isInlineModule(id) ? findPage(root, id) : stripPostfix(id)
}

/** A path and the folders above it, up to the root. */
function listFolders(path: string, root: string): string[] {
  const parent = dirname(path)
  return path === root || parent === path ? [path] : [path, ...listFolders(parent, root)]
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
