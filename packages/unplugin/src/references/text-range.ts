import MagicString from 'magic-string'
import type { Reference } from './reference.ts'

/** A stretch of text that holds marked references: half-open range of UTF-16 offsets. */
export interface TextRange {
  start: number
  end: number
  /** One, or a `srcset`'s several. */
  references: Reference[]
  /** The stretch with one URL in place of each reference; undefined leaves a reference as it is. */
  write(urls: (string | undefined)[]): string
}

/** Replaces what `replace` has an answer for; undefined where nothing changes. */
export async function rewriteRanges(
  text: string,
  ranges: TextRange[],
  replace: (reference: Reference, range: TextRange) => Promise<string | undefined>,
): Promise<MagicString | undefined> {
  const answers = await Promise.all(
    ranges.map(range => Promise.all(range.references.map(reference => replace(reference, range)))),
  )
  const result = new MagicString(text)
  for (const [index, range] of ranges.entries()) {
    if (answers[index].some(answer => answer !== undefined)) {
      result.update(range.start, range.end, range.write(answers[index]))
    }
  }
  return result.hasChanged() ? result : undefined
}
