import { dirname, join } from 'node:path'
import { isFile } from '../references/is-file.ts'
import { stripPostfix } from '../references/reference.ts'

/** The id of an inline script or style block. Vite derives the id from the address of the page. */
const HTML_PROXY = /[?&]html-proxy\b/

/** Whether a module is an inline script or a style block of a page. */
export function isInlineModule(id: string): boolean {
  return HTML_PROXY.test(id)
}

/**
 * Finds the file of a page. A server that renders pages passes its template to Vite with the URL path of a request
 * (`/blog/post`). The template is then the nearest `index.html`, from that path up to the root.
 *
 * @param path absolute path of the page, or its URL path. Ignored are a query after it, and a null byte
 *   with all before it: Vite marks the id of a page without a file so, and its resolver puts the working directory in front.
 * @returns absolute path; `index.html` of the root if no file exists.
 */
export function findPage(root: string, path: string): string {
  const address = stripPostfix(path.slice(path.lastIndexOf('\0') + 1))
  const page = address.startsWith(`${root}/`) ? address : join(root, address)
  const file = [page, address].find(isFile)
  if (file) return file
  const below = page.startsWith(`${root}/`) ? listFolders(page, root) : []
  const template = [`${page}.html`, ...below.map(folder => join(folder, 'index.html'))].find(isFile)
  return template ?? join(root, 'index.html')
}

/** Absolute path of the file that contains a module's references. */
export function findImporter(root: string, id: string): string {
  return isInlineModule(id) ? findPage(root, id) : stripPostfix(id)
}

/** A path and the folders above it, up to the root. */
function listFolders(path: string, root: string): string[] {
  const parent = dirname(path)
  return path === root || parent === path ? [path] : [path, ...listFolders(parent, root)]
}
