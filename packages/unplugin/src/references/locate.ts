import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { joinWords } from '@nobg/core/internal'
import { findMarkedRuns } from './marked-runs.ts'
import { parseReference, type Reference } from './reference.ts'

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
 * Locates a reference in a file: where it is written exactly so, else where the same picture is written with other words
 * around its file name, else the marker of a glob.
 *
 * @param skip pattern of the text before a place that is not meant, if there is another place.
 * @returns undefined if the file is not readable, or contains none of these.
 */
export function locateText(file: string, specifier: string, skip?: RegExp): Location | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const offset = (skip && findExact(text, specifier, skip)) ?? findReference(text, specifier)
  return offset === undefined ? undefined : locateOffset(file, text, offset)
}

/** The offset of a reference in a text, as {@link locateText} finds it. */
export function findReference(text: string, specifier: string): number | undefined {
  return findExact(text, specifier) ?? findSimilar(text, specifier)
}

/** The characters that end a reference, and the entity of `&`, which continues it. */
const END = /[\s"'`()<>\\,\]]/

/** The text before a place that `skip` reads. */
const CONTEXT_LENGTH = 32

/** The first place at which the whole reference is written, quoted places first: a comment has no quotes. */
function findExact(text: string, specifier: string, skip?: RegExp): number | undefined {
  let bare: number | undefined
  for (let at = text.indexOf(specifier); at >= 0; at = text.indexOf(specifier, at + 1)) {
    const [before, after] = [text[at - 1], text[at + specifier.length]]
    if (after !== undefined && !END.test(after)) continue
    if (skip?.test(text.slice(Math.max(0, at - CONTEXT_LENGTH), at))) continue
    if (/["'`(]/.test(before ?? '')) return at
    if (before === undefined || /[\s=,[]/.test(before)) bare ??= at
  }
  return bare
}

/** The place of a reference with the same file name and the same words, or else of a marker that belongs to no other picture. */
function findSimilar(text: string, specifier: string): number | undefined {
  const wanted = parseReference(specifier)
  let marker: number | undefined
  for (const run of findMarkedRuns(text)) {
    const reference = parseReference(run.text.replaceAll('&amp;', '&'))
    if (reference && wanted && isSame(reference, wanted)) return run.start
    if (!reference) marker ??= run.start
  }
  // `import.meta.glob('./*.jpg', { query: { nobg: true } })` has no question mark.
  const word = marker ?? text.search(/\bnobg['"]?\s*:/)
  return word < 0 ? undefined : word
}

function isSame(one: Reference, other: Reference): boolean {
  const describe = ({ path, preset = '', words }: Reference) =>
    [basename(path), preset, joinWords(words)].join()
  return describe(one) === describe(other)
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
