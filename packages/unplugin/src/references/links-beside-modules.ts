import { dirname, join } from 'node:path'
import { ALIAS, findAddresses, IMPORTED, IN_CODE } from './addresses.ts'
import { isFile } from './is-file.ts'
import { locateText } from './locate.ts'
import { blankQuotedCode } from './quoted-code.ts'
import { type Reference, stripPostfix } from './reference.ts'
import type { Output } from './unprocessed.ts'

const SCRIPT = /\.[cm]?jsx?$/
const DEPENDENCY = /[\\/]node_modules[\\/]/

/**
 * Finds the addresses in the output's scripts, such as that of `<img src="./ada.jpg?nobg">` in JSX, that name a file beside a
 * module or start with an alias. Compilers copy such an address unchanged.
 *
 * @param outputs the outputs with a marker.
 * @param listModules returns absolute paths of the build's modules; called only if there are such addresses.
 * @returns one line per address: the address, and the place in its module, or the name of the output.
 */
export function findLinksBesideModules(outputs: Output[], listModules: () => Iterable<string>): string[] {
  const found = outputs.flatMap(({ fileName, text }) => {
    const isFound = SCRIPT.test(fileName) && findAddresses(text, IN_CODE).length > 0
    const references = isFound ? findAddresses(blankQuotedCode(text), IN_CODE) : []
    return references.filter(({ path }) => !path.startsWith('/')).map(reference => ({ reference, fileName }))
  })
  if (found.length === 0) return []
  const folders = groupByFolder(listModules())
  const lines = found.flatMap(({ reference, fileName }) => {
    const modules = findModules(reference, folders)
    return modules ? [`${reference.specifier} in ${locate(reference, modules) ?? fileName}`] : []
  })
  return [...new Set(lines)]
}

function groupByFolder(modules: Iterable<string>): Map<string, string[]> {
  const folders = new Map<string, string[]>()
  for (const file of modules) {
    if (DEPENDENCY.test(file) || !isFile(stripPostfix(file))) continue
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), stripPostfix(file)])
  }
  return folders
}

/** The modules that may contain a dead address; undefined if no file is meant. */
function findModules(
  { path, specifier, sibling }: Reference,
  folders: Map<string, string[]>,
): string[] | undefined {
  if (ALIAS.test(path)) return [...folders.values()].flat()
  const isMeant = (folder: string) =>
    isFile(join(folder, stripPostfix(path))) && !(sibling && isFile(join(folder, stripPostfix(specifier))))
  const meant = [...folders].filter(([folder]) => isMeant(folder))
  return meant.length > 0 ? meant.flatMap(([, modules]) => modules) : undefined
}

function locate({ specifier }: Reference, modules: readonly string[]): string | undefined {
  for (const file of modules) {
    const location = locateText(file, specifier, IMPORTED)
    // A module with another reference to the same picture is not meant.
    if (location?.lineText.includes(specifier)) return `${file}:${location.line}:${location.column + 1}`
  }
  return undefined
}
