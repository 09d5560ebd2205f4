import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findLinksBesideModules } from '../references/links-beside-modules.ts'
import { listFiles, readText, type Warn } from '../references/output-files.ts'
import { MARKED_TEXT } from '../references/reference.ts'
import { findStaticReferences } from '../references/static-references.ts'
import type { Output } from '../references/unprocessed.ts'
import { listSources } from '../types/scan-sources.ts'
import { findPublicFile } from './public-file.ts'

/**
 * Finds the marked references in the output of a production build, for the browser and for the server.
 *
 * @param distDir absolute path of the build's folder (`.next`).
 * @param warn gets a message about each file that cannot be read.
 * @returns one line for each reference that would show the original photograph.
 */
export async function findInOutput(
  projectDir: string,
  distDir: string,
  basePath: string,
  warn: Warn,
): Promise<string[]> {
  const read = ['static', 'server'].map(name => readOutputs(distDir, name, warn))
  const outputs = (await Promise.all(read)).flat()
  const isEmitted = (path: string) => existsSync(join(distDir, path.replace(/^.*_next\//, '')))
  const isServed = (path: string) =>
    findPublicFile(projectDir, `/${path}`, basePath) !== undefined ||
    (/_next\//.test(path) && isEmitted(path))
  const sources = outputs.length > 0 ? await listSources(projectDir) : []
  const modules = sources.map(name => join(projectDir, name))
  return [...findStaticReferences(outputs, isServed), ...findLinksBesideModules(outputs, () => modules)]
}

/** The scripts, style sheets and pages of a folder that contain the marker. */
async function readOutputs(distDir: string, folder: string, warn: Warn): Promise<Output[]> {
  const outputs: Output[] = []
  // One file at a time: a large site has thousands of files.
  for (const name of listFiles(join(distDir, folder), warn)) {
    if (!/\.(?:css|html|[cm]?js)$/.test(name)) continue
    const text = await readText(join(distDir, folder, name), warn)
    if (text !== undefined && MARKED_TEXT.test(text)) outputs.push({ fileName: `${folder}/${name}`, text })
  }
  return outputs
}
