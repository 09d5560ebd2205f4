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

/**
 * Finds the marked references in a build's output: in style sheets, attributes of pages, imports and asset URLs of
 * modules. Other text may speak of `?nobg` as it likes.
 *
 * @param assets base names of the files that the build emits or copies.
 * @returns one line each: the reference as it stands in the output, and the output's file.
 */
export function findUnprocessed(outputs: Output[], assets: ReadonlySet<string>): string[] {
  return outputs.flatMap(({ fileName, text, imports = [] }) => {
    const marked = imports.filter(specifier => parseReference(specifier) !== undefined)
    if (MARKED_TEXT.test(text)) marked.push(...findReferences(fileName, text, assets))
    return [...new Set(marked)].map(reference => `${reference} in ${fileName}`)
  })
}

/** The message about references that no hook got to see; `hint` says what the host's plugin does see. */
export function describeUnprocessed(found: string[], hint: string): string {
  return ['nobg: marked images are left unprocessed:', ...found.map(line => `  ${line}`), hint].join('\n')
}

function findReferences(fileName: string, text: string, assets: ReadonlySet<string>): string[] {
  if (/\.css$/.test(fileName)) return specifiersOf(findCssSpots(text, false), assets)
  if (/\.html?$/.test(fileName)) return specifiersOf(findHtmlSpots(text), assets)
  const urls = findNewUrlSpots(text).map(({ reference }) => reference.specifier)
  return [...urls, ...findAssetUrls(text, assets)]
}

/** URLs of emitted files that still carry the marker. */
function findAssetUrls(text: string, assets: ReadonlySet<string>): string[] {
  return findMarkedRuns(text).filter(run => {
    const path = parseReference(run)?.path
    return path !== undefined && assets.has(basename(path))
  })
}

const QUERY_MARKER = /[?&;]nobg/g
/** What stands before and after a URL in a script. */
const DELIMITER = /[\s"'`()]/

/**
 * The runs of text without a delimiter that hold a marker. The search goes outwards from each marker and reads no run
 * twice, because a script may hold data URIs of megabytes.
 */
function findMarkedRuns(text: string): string[] {
  const runs: string[] = []
  let end = 0
  for (const { index } of text.matchAll(QUERY_MARKER)) {
    if (index < end) continue
    let start = index
    while (start > end && !DELIMITER.test(text[start - 1])) start--
    end = index
    while (end < text.length && !DELIMITER.test(text[end])) end++
    runs.push(text.slice(start, end))
  }
  return runs
}

/** A real file may be called like a sibling; as an asset it is there. */
function specifiersOf(spots: Spot[], assets: ReadonlySet<string>): string[] {
  return spots
    .flatMap(({ references }) => references)
    .filter(({ sibling, specifier }) => !sibling || !assets.has(basename(stripPostfix(specifier))))
    .map(({ specifier }) => specifier)
}
