import { basename } from 'node:path'
import { blankTexts } from './html.ts'
import { blankQuotedCode } from './quoted-code.ts'
import { decodeUrl, parseReference, stripPostfix } from './reference.ts'
import { findUnprocessed, type Output } from './unprocessed.ts'

const SCRIPT = /\.[cm]?js$/

/**
 * Finds the marked references of a build's output that would show the original photograph: those of style sheets and
 * pages, and those of scripts whose path names a served file. Other text of a script may contain `?nobg`.
 *
 * @param isServed whether a path, without a leading slash or dots, names a file that the build emits or copies.
 * @returns one line per reference: the reference as in the output, and the output's file.
 */
export function findStaticReferences(outputs: Output[], isServed: (path: string) => boolean): string[] {
  return outputs.flatMap(output => {
    const names = new Set<string>()
    const marked: string[] = []
    for (const url of findMarkedUrls(blankQuoted(output))) {
      const { path, sibling } = parseReference(url) ?? { path: '', sibling: false }
      const served = [stripPostfix(url), ...(sibling ? [] : [path])].find(one => isServed(toPath(one)))
      if (served === undefined) continue
      names.add(basename(served))
      if (!sibling) marked.push(`${url} in ${output.fileName}`)
    }
    // In a script the whole path must match: the file name alone would match too much.
    const known = SCRIPT.test(output.fileName) ? new Set<string>() : names
    return [...new Set([...findUnprocessed([output], known), ...marked])]
  })
}

/** The text of an output without the parts that only quote code. */
function blankQuoted({ fileName, text }: Output): string {
  if (SCRIPT.test(fileName)) return blankQuotedCode(text)
  return /\.html?$/.test(fileName) ? blankTexts(text, blankQuotedCode) : text
}

/** The path of a URL, relative to a folder: decoded, without a leading slash or dots. */
function toPath(url: string): string {
  return (decodeUrl(url) ?? url).replace(/^(?:\.{0,2}\/)+/, '')
}

const MARKER = /[?&]nobg|\.nobg[.-]/g
const DELIMITER = /[\s"'`()<>\\]/
/** Paths are shorter. Data URIs, which have no delimiter either, may be longer. */
const MAX_LENGTH = 4096

/** Finds the marked URLs of any text. A comma may be part of the URL or of the `srcset` around it. */
function findMarkedUrls(input: string): string[] {
  // JSON in scripts and attributes in pages escape slash and ampersand.
  const text = input.replaceAll('\\/', '/').replaceAll('\\u0026', '&').replaceAll('&amp;', '&')
  const urls = new Set<string>()
  for (const { index } of text.matchAll(MARKER)) {
    let start = index
    while (start > 0 && index - start < MAX_LENGTH && !DELIMITER.test(text[start - 1])) start--
    let end = index
    while (end < text.length && end - index < MAX_LENGTH && !DELIMITER.test(text[end])) end++
    const url = text.slice(start, end)
    const inSet = url.slice(url.lastIndexOf(',', index - start) + 1)
    for (const one of [url, inSet].filter(parseReference)) urls.add(one)
  }
  return [...urls]
}
