import { basename } from 'node:path'
import { findCssRanges } from './css.ts'
import { findEmbeddedTexts, findHtmlRanges, type HtmlRange, isAssetAttribute } from './html.ts'
import { findMarkedRuns, type MarkedRun } from './marked-runs.ts'
import { findNewUrlRanges } from './new-url.ts'
import { blankQuotedCode } from './quoted-code.ts'
import { decodeUrl, MARKED_TEXT, parseReference, stripPostfix } from './reference.ts'
import type { TextRange } from './text-range.ts'

/** One text of a build's output. */
export interface Output {
  fileName: string
  text: string
  /** Specifiers of a module that are resolved at run time. */
  imports?: string[]
}

/**
 * Finds the marked references in a build's output: in style sheets, attributes of pages, imports and asset URLs of
 * modules. Other text may contain `?nobg`.
 *
 * @param assets the files that the build emits or copies: base names (`ada-123.jpg`), which match in any folder, and full
 *   paths with a leading slash (`/photos/ada.jpg`), such as the files of a public folder.
 * @returns one line per reference: the reference as in the output, and the output's file.
 */
export function findUnprocessed(outputs: Output[], assets: ReadonlySet<string>): string[] {
  return outputs.flatMap(({ fileName, text, imports = [] }) => {
    const marked = imports.filter(specifier => parseReference(specifier) !== undefined)
    if (MARKED_TEXT.test(text)) marked.push(...findReferences(fileName, text, assets))
    return [...new Set(marked)].map(reference => `${reference} in ${fileName}`)
  })
}

/** The message about unprocessed references. `hint` says what the host's plugin processes. */
export function describeUnprocessed(found: string[], hint: string): string {
  return ['nobg: marked images are left unprocessed:', ...found.map(line => `  ${line}`), hint].join('\n')
}

function findReferences(fileName: string, text: string, assets: ReadonlySet<string>): string[] {
  if (/\.css$/.test(fileName)) return specifiersOf(findCssRanges(text, false), assets)
  if (/\.html?$/.test(fileName)) return findInPage(text, assets)
  const urls = findNewUrlRanges(text).map(({ reference }) => reference.specifier)
  return [...urls, ...findAssetUrls(text, assets)]
}

function findInPage(html: string, assets: ReadonlySet<string>): string[] {
  const { styles, scripts } = findEmbeddedTexts(html)
  return [
    ...specifiersOf(findHtmlRanges(html).filter(isAddress), assets),
    ...styles.flatMap(css => specifiersOf(findCssRanges(css, false), assets)),
    ...scripts.flatMap(script => findAssetUrls(script, assets)),
  ]
}

/** A string in a code. The apostrophe of `ada's.jpg` starts no string. */
const QUOTED_STRING = /(?<![\p{L}\p{N}])(["'])[^"']*\1|[\n`<]/u

/**
 * Whether an attribute contains an address. Highlighters put the code of a documentation page into attributes, for a button
 * that copies the code.
 */
function isAddress(range: HtmlRange): boolean {
  return isAssetAttribute(range) || !range.references.some(({ specifier }) => QUOTED_STRING.test(specifier))
}

/** URLs of emitted and copied files that still have the marker, outside of quoted code. */
function findAssetUrls(text: string, assets: ReadonlySet<string>): string[] {
  const find = (script: string) => findMarkedRuns(script).filter(run => isAssetUrl(run, assets))
  // Most scripts with a marker have no such URL, and need no tokens.
  return find(text).length > 0 ? find(blankQuotedCode(text)).map(({ text }) => text) : []
}

/** A quoted import. In a finished script it is only text. */
const QUOTED_IMPORT = /\b(?:import|from)\s*\(?\s*\\*["'`]$/
/** A string that is a value: of an attribute or a property, or an argument. */
const QUOTED_VALUE = /(?:[=:,([{?&|+]|\breturn)\s*\\*["'`]$/
/** The end of a string, of an attribute or of a `url()`, or a candidate's descriptor. */
const VALUE_END = /^(?:\\*["'`]|[)>]|\s+[\d.]+[wx]\b)/

function isAssetUrl({ text, before, after }: MarkedRun, assets: ReadonlySet<string>): boolean {
  const reference = parseReference(text.replaceAll('&amp;', '&'))
  if (!reference || reference.sibling) return false
  const path = decodeUrl(reference.path) ?? reference.path
  if (assets.has(basename(path))) return true
  // Text may name any file of a public folder: only values count.
  if (QUOTED_IMPORT.test(before) || !VALUE_END.test(after)) return false
  // The run may start with another candidate of a srcset, or with the name of an attribute.
  const paths = [path, path.replace(/^.*[,=]/s, '')]
  return paths.some(
    candidate =>
      (candidate.startsWith('/') || QUOTED_VALUE.test(before)) && assets.has(toSitePath(candidate)),
  )
}

/** A path from the root of the site, independent of the page. */
function toSitePath(path: string): string {
  return `/${path.replace(/^(?:\.{0,2}\/)+/, '')}`
}

/** The specifiers, except sibling spellings that are names of real assets. */
function specifiersOf(ranges: TextRange[], assets: ReadonlySet<string>): string[] {
  const isFile = (path: string) => assets.has(basename(path)) || assets.has(toSitePath(path))
  return ranges
    .flatMap(({ references }) => references)
    .filter(({ sibling, specifier }) => !sibling || !isFile(stripPostfix(specifier)))
    .map(({ specifier }) => specifier)
}
