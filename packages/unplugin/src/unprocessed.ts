import { basename } from 'node:path'
import { findCssSpots } from './css-spots.ts'
import { findHtmlSpots } from './html-spots.ts'
import { findNewUrlSpots } from './new-url-spots.ts'
import { MARKED_TEXT, parseReference, stripPostfix } from './reference.ts'
import type { Spot } from './spot.ts'

/** One text of a build's output. */
export interface Output {
  fileName: string
  text: string
  /** Specifiers that a module leaves to be resolved at run time. */
  imports?: string[]
}

/** A marked reference that would ship as the original photograph. */
export interface Unprocessed {
  fileName: string
  /** As it stands in the output. */
  reference: string
}

/**
 * Finds the marked references in a build's output: in style sheets, attributes of pages, imports and asset URLs of
 * modules. Other text may speak of `?nobg` as it likes.
 *
 * @param assets base names of the files that the build emits or copies.
 */
export function findUnprocessed(outputs: Output[], assets: ReadonlySet<string>): Unprocessed[] {
  return outputs.flatMap(({ fileName, text, imports = [] }) => {
    const marked = imports.filter(specifier => parseReference(specifier) !== undefined)
    if (MARKED_TEXT.test(text)) marked.push(...findReferences(fileName, text, assets))
    return [...new Set(marked)].map(reference => ({ fileName, reference }))
  })
}

function findReferences(fileName: string, text: string, assets: ReadonlySet<string>): string[] {
  if (/\.css$/.test(fileName)) return specifiersOf(findCssSpots(text, false), assets)
  if (/\.html?$/.test(fileName)) return specifiersOf(findHtmlSpots(text), assets)
  const urls = findNewUrlSpots(text).map(({ reference }) => reference.specifier)
  return [...urls, ...findAssetUrls(text, assets)]
}

/** URLs of emitted files that still carry the marker. */
function findAssetUrls(text: string, assets: ReadonlySet<string>): string[] {
  return (text.match(/[^\s"'`()]+\?[^\s"'`()]+/g) ?? []).filter(url => {
    const path = parseReference(url)?.path
    return path !== undefined && assets.has(basename(path))
  })
}

/** A real file may be called like a sibling; as an asset it is there. */
function specifiersOf(spots: Spot[], assets: ReadonlySet<string>): string[] {
  return spots
    .flatMap(({ references }) => references)
    .filter(({ sibling, specifier }) => !sibling || !assets.has(basename(stripPostfix(specifier))))
    .map(({ specifier }) => specifier)
}
