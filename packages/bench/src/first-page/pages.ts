import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The measured pages. */
export const pageKinds = {
  imports: 'modules that import the pictures, as in React',
  page: 'a page with <img src>',
} as const

export type PageKind = keyof typeof pageKinds

/** Components without a picture, so that a page has as many modules as a small site. */
const OTHER_MODULES = 24

/** The word of a picture's address, in the page with nobg and in the page without. */
const wordOf = (withNobg: boolean) => (withNobg ? '?nobg' : '')

/**
 * Writes a project of one page with all pictures. Each `<img>` has the id of its picture: `n0`, `n1`, …
 *
 * @param root folder of the project.
 * @param pictures paths of the photographs.
 * @param withNobg whether the page shows cutouts.
 */
export async function writePage(
  root: string,
  kind: PageKind,
  pictures: readonly string[],
  withNobg: boolean,
): Promise<void> {
  const files = {
    ...writeHtml(kind, pictures.length, withNobg),
    ...writeModules(kind, pictures.length, withNobg),
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  await Promise.all(pictures.map((picture, i) => copyFile(picture, join(root, `src/${i}.jpg`))))
}

function writeHtml(kind: PageKind, count: number, withNobg: boolean): Record<string, string> {
  const images = Array.from(
    { length: kind === 'page' ? count : 0 },
    (_, i) => `<img id="n${i}" src="./src/${i}.jpg${wordOf(withNobg)}">`,
  )
  const script = '<script type="module" src="./src/main.js"></script>'
  return { 'index.html': ['<!doctype html><meta charset="utf-8"><body>', ...images, script].join('\n') }
}

function writeModules(kind: PageKind, count: number, withNobg: boolean): Record<string, string> {
  const others = Array.from({ length: OTHER_MODULES }, (_, i) => [
    `part${i}.js`,
    `export const part${i} = ${i}\n`,
  ])
  const shown = Array.from({ length: kind === 'imports' ? count : 0 }, (_, i) => [
    `picture${i}.js`,
    `import src from './${i}.jpg${wordOf(withNobg)}'
export default () => document.body.append(Object.assign(new Image(), { id: 'n${i}', src }))\n`,
  ])
  const main = [
    ...others.map(([name]) => `import './${name}'`),
    ...shown.map(([name], i) => `import show${i} from './${name}'`),
    ...shown.map((_, i) => `show${i}()`),
  ].join('\n')
  const modules = [...others, ...shown, ['main.js', main]]
  return Object.fromEntries(modules.map(([name, text]) => [`src/${name}`, text]))
}
