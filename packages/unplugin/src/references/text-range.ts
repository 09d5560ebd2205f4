import MagicString from 'magic-string'
import type { Reference } from './reference.ts'

/** A part of a text that contains marked references: half-open range of UTF-16 offsets. */
export interface TextRange {
  start: number
  end: number
  /** One reference, or the several references of a `srcset`. */
  references: Reference[]
  /** Returns the part with one URL in place of each reference. undefined keeps a reference unchanged. */
  write(urls: (string | undefined)[]): string
}

/** Replaces the references for which `replace` returns a URL. @returns undefined if nothing changes. */
export async function rewriteRanges(
  text: string,
  ranges: TextRange[],
  replace: (reference: Reference, range: TextRange) => Promise<string | undefined>,
): Promise<MagicString | undefined> {
  const urls = await Promise.all(
    ranges.map(range => Promise.all(range.references.map(reference => replace(reference, range)))),
  )
  const result = new MagicString(text)
  for (const [index, range] of ranges.entries()) {
    if (urls[index].some(url => url !== undefined)) {
      result.update(range.start, range.end, range.write(urls[index]))
    }
  }
  return result.hasChanged() ? result : undefined
}
