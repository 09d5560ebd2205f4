import { readFileSync } from 'node:fs'

/** A location in a file, in the form that bundlers report. */
export interface Location {
  file: string
  /** From 1. */
  line: number
  /** From 0. */
  column: number
  /** The line itself. */
  lineText: string
  /** The line and the lines around it, numbered, with a mark under the location. */
  frame: string
}

/**
 * Locates `needle` in a file. If `needle` is not written literally, as in a glob, the first marker is located.
 *
 * @returns undefined if the file is not readable, or contains neither.
 */
export function locateText(file: string, needle: string): Location | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const quoted = ['"', "'", '`', '('].map(quote => text.indexOf(quote + needle)).filter(at => at >= 0)
  const offset = quoted.length > 0 ? Math.min(...quoted) + 1 : text.indexOf(needle)
  if (offset >= 0) return locateOffset(file, text, offset)
  const site = text.search(/nobg/)
  return site < 0 ? undefined : locateOffset(file, text, site)
}

/** The location of `offset`, in UTF-16 code units, in a file's text. */
export function locateOffset(file: string, text: string, offset: number): Location {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1)
  const lines = text.split(/\r?\n/)
  return { file, line, column, lineText: lines[line - 1], frame: drawFrame(lines, line, column) }
}

const CONTEXT_LINES = 2

function drawFrame(lines: string[], line: number, column: number): string {
  const first = Math.max(1, line - CONTEXT_LINES)
  const last = Math.min(lines.length, line + CONTEXT_LINES)
  const width = String(last).length
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    rows.push(`${String(number).padStart(width)} | ${lines[number - 1]}`)
    if (number === line) rows.push(`${' '.repeat(width)} | ${' '.repeat(column)}^`)
  }
  return rows.join('\n')
}
