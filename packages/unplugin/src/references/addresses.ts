import { findMarkedRuns } from './marked-runs.ts'
import { parseUrlReference, type Reference } from './reference.ts'

/** Every spelling of the marker. */
const MARKER = /[?&;]nobg|\.nobg[.-]/g

/** The start of a string that a browser loads: `<img src="`, `src: "`, `"src", "`, `.src = "`, `style="background: url(`. */
const LOADED = [
  /(?:src|poster|href)\\?["'`]?\s*[=:,]\s*\\*["'`]$/i,
  /(?:srcset)\\?["'`]?\s*[=:,]\s*\\*["'`](?:[^"'`]*[,\s])?$/i,
  /[:"'`]\s*url\(\\*["']?$/,
]

/** The start of a value in code, as compilers of JSX write it: `src: "`, `"src", "`, `.src = "`. Markup in a string may be quoted. */
export const IN_CODE: readonly RegExp[] = [
  /(?:src|srcset|poster|href)\\?["'`]?\s*[:,]\s*\\*["'`]$/i,
  /\.(?:src|srcset|poster|href)\s*=\s*\\*["'`]$/i,
]

/** The start of an alias. No address starts so. */
export const ALIAS: RegExp = /^(?:[$~#]|@\/)/

/** The text before the specifier of an import, which is no address. */
export const IMPORTED: RegExp = /\b(?:from|import)\s*\(?\s*["'`]$/

/**
 * Finds the marked references in a script's strings whose place says that a browser loads them: the values of attributes
 * and properties such as `src`, and `url()` in a style. The code is the output of compilers, in which the static part of a
 * component is text. Other strings may quote code.
 *
 * @param starts patterns of the text before an address.
 */
export function findAddresses(code: string, starts: readonly RegExp[] = LOADED): Reference[] {
  const runs = findMarkedRuns(code, MARKER).filter(({ before }) => starts.some(start => start.test(before)))
  return runs
    .map(({ text }) => parseUrlReference(text.replaceAll('&amp;', '&')))
    .filter(reference => reference !== undefined)
}
