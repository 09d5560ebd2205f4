import MagicString from 'magic-string'
import type { Reference } from './reference.ts'

/** A stretch of text that holds marked references: half-open range of UTF-16 offsets. */
export interface Spot {
  start: number
  end: number
  /** One, or a `srcset`'s several. */
  references: Reference[]
  /** The stretch with one URL in place of each reference; undefined leaves a reference as it is. */
  write(urls: (string | undefined)[]): string
}

/** Replaces what `replace` has an answer for; undefined where nothing changes. */
export async function rewriteSpots(
  text: string,
  spots: Spot[],
  replace: (reference: Reference, spot: Spot) => Promise<string | undefined>,
): Promise<MagicString | undefined> {
  const answers = await Promise.all(
    spots.map(spot => Promise.all(spot.references.map(reference => replace(reference, spot)))),
  )
  const result = new MagicString(text)
  for (const [index, spot] of spots.entries()) {
    if (answers[index].some(answer => answer !== undefined)) {
      result.update(spot.start, spot.end, spot.write(answers[index]))
    }
  }
  return result.hasChanged() ? result : undefined
}
