// Not `{ glob }`: Node 20 has no such export, and would end with a SyntaxError before the message on its version.
import fs from 'node:fs/promises'
import { join } from 'node:path'
import { MARKED_TEXT, type Reference } from '../references/reference.ts'
import { findMarkedImports } from './find-imports.ts'

/** A marked import, and the absolute path of the file that contains it. */
export interface FoundImport {
  importer: string
  reference: Reference
}

const SOURCES = '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,vue,svelte,astro}'
/** Folders that contain no sources: of packages, of tools, of builds. */
const LEFT_OUT = /(?:^|[\\/])(?:node_modules|dist|\.[^\\/]+)$/

/** Finds the marked imports of a project in its source files, sorted by file. */
export async function scanSources(dir: string): Promise<FoundImport[]> {
  const found: FoundImport[] = []
  for (const name of await listSources(dir)) {
    const importer = join(dir, name)
    // A file may be deleted or forbidden: its imports then need no types.
    const code = await fs.readFile(importer, 'utf8').catch(() => '')
    if (!MARKED_TEXT.test(code)) continue
    found.push(...findMarkedImports(code).map(reference => ({ importer, reference })))
  }
  return found
}

/** Paths of the source files of a project, from its folder, sorted. */
export async function listSources(dir: string): Promise<string[]> {
  const names: string[] = []
  for await (const name of fs.glob(SOURCES, { cwd: dir, exclude: path => LEFT_OUT.test(path) })) {
    if (!/\.d\.[cm]?ts$/.test(name)) names.push(name)
  }
  return names.sort()
}
