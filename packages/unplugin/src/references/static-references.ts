import { basename } from 'node:path'
import { decodeUrl, parseReference, stripPostfix } from './reference.ts'
import { findUnprocessed, type Output } from './unprocessed.ts'

/**
 * Finds the marked references of a build's output that would show the original photograph: those of style sheets and
 * pages, and those of scripts whose path names a file that is served. Other text of a script may speak of `?nobg`.
 *
 * @param isServed whether a path, without a leading slash or dots, is that of a file which the build emits or copies.
 * @returns one line each: the reference as it stands in the output, and the output's file.
 */
export function findStaticReferences(outputs: Output[], isServed: (path: string) => boolean): string[] {
  return outputs.flatMap(output => {
    const names = new Set<string>()
    const marked: string[] = []
    for (const url of findMarkedUrls(output.text)) {
      const { path, sibling } = parseReference(url) ?? { path: '', sibling: false }
      const served = [stripPostfix(url), ...(sibling ? [] : [path])].find(one => isServed(toPath(one)))
      if (served === undefined) continue
      names.add(basename(served))
      if (!sibling) marked.push(`${url} in ${output.fileName}`)
    }
    // Of a script's strings the file's whole path decides, of which its name alone would say too much.
    const known = /\.[cm]?js$/.test(output.fileName) ? new Set<string>() : names
    return [...new Set([...findUnprocessed([output], known), ...marked])]
  })
}

/** The path of a URL as it may lie in a folder: decoded, without a leading slash or dots. */
function toPath(url: string): string {
  return (decodeUrl(url) ?? url).replace(/^(?:\.{0,2}\/)+/, '')
}

const MARKER = /[?&]nobg|\.nobg[.-]/g
const DELIMITER = /[\s"'`()<>\\]/
/** No path is longer; a data URI, which has no delimiter either, is. */
const MAX_LENGTH = 4096

/** What looks like a marked URL in any text; a comma may belong to the URL, or to the `srcset` that holds it. */
function findMarkedUrls(input: string): string[] {
  // As JSON in a script and attributes in a page write slash and ampersand.
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
