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

/**
 * Finds the marked references in a script's strings whose place says that a browser loads them: the values of attributes
 * and properties such as `src`, and `url()` in a style. The code is the output of compilers, in which the static part of a
 * component is text. Other strings may quote code.
 */
export function findAddresses(code: string): Reference[] {
  const runs = findMarkedRuns(code, MARKER).filter(({ before }) => LOADED.some(start => start.test(before)))
  return runs
    .map(({ text }) => parseUrlReference(text.replaceAll('&amp;', '&')))
    .filter(reference => reference !== undefined)
}
