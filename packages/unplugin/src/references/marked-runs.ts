/** Text without a delimiter that contains a marker, and may be a URL. */
export interface MarkedRun {
  text: string
  /** Offset of the run in the whole text. */
  start: number
  /** The text just before the run. */
  before: string
  /** The text just after the run. */
  after: string
}

const QUERY_MARKER = /[?&;]nobg/g
/** A character before or after a URL in a script, or in HTML inside a script's string. */
const DELIMITER = /[\s"'`()<>\\]/
const CONTEXT_LENGTH = 32

/**
 * Finds the runs of a script's text that contain markers. The search starts at each marker and reads no run twice, because a
 * script may contain data URIs of megabytes.
 *
 * @param marker a global pattern; by default the marker in a query.
 */
export function findMarkedRuns(text: string, marker: RegExp = QUERY_MARKER): MarkedRun[] {
  const runs: MarkedRun[] = []
  let end = 0
  for (const { index } of text.matchAll(marker)) {
    if (index < end) continue
    let start = index
    while (start > end && !DELIMITER.test(text[start - 1])) start--
    end = index
    while (end < text.length && !DELIMITER.test(text[end])) end++
    const before = text.slice(Math.max(0, start - CONTEXT_LENGTH), start)
    runs.push({ text: text.slice(start, end), start, before, after: text.slice(end, end + CONTEXT_LENGTH) })
  }
  return runs
}
