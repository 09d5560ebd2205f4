import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MARKED_TEXT } from '../references/reference.ts'
import { findStaticReferences } from '../references/static-references.ts'
import { describeUnprocessed, type Output } from '../references/unprocessed.ts'
import { findPublicFile } from './public-file.ts'

const HINT = `nobg sees imports and the url() of style sheets. A string that names a file of public/ is served as it is:
move the image beside your sources, import it (import ada from './ada.jpg?nobg'), and use ada.src or <Image src={ada}>.`

/**
 * Reads what a production build has compiled, for the browser and for the server.
 *
 * @param distDir absolute path of the build's folder (`.next`).
 * @throws {Error} naming each marked reference that would show the original photograph
 */
export async function checkOutput(projectDir: string, distDir: string, basePath: string): Promise<void> {
  const outputs = (await Promise.all(['static', 'server'].map(name => readOutputs(distDir, name)))).flat()
  const isEmitted = (path: string) => existsSync(join(distDir, path.replace(/^.*_next\//, '')))
  const isServed = (path: string) =>
    findPublicFile(projectDir, `/${path}`, basePath) !== undefined ||
    (/_next\//.test(path) && isEmitted(path))
  const found = findStaticReferences(outputs, isServed)
  if (found.length > 0) throw new Error(describeUnprocessed(found, HINT))
}

/** The scripts, style sheets and pages of a folder that hold the marker. */
async function readOutputs(distDir: string, folder: string): Promise<Output[]> {
  const names = await readdir(join(distDir, folder), { recursive: true }).catch(() => [])
  const outputs: Output[] = []
  // One after the other: a large site has thousands of files.
  for (const name of names.filter(one => /\.(?:css|html|[cm]?js)$/.test(one))) {
    const text = await readFile(join(distDir, folder, name), 'utf8')
    if (MARKED_TEXT.test(text)) outputs.push({ fileName: `${folder}/${name}`, text })
  }
  return outputs
}
