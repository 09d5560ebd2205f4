import { distance } from 'fastest-levenshtein'

/**
 * The name that was probably meant: the nearest of `names` by edit distance, letter case aside.
 *
 * @param maxDistance edits at most; by default a third of the word, and at least 2.
 */
export function findSuggestion(
  word: string,
  names: readonly string[],
  maxDistance: number = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  let nearest: string | undefined
  let least = maxDistance + 1
  for (const name of names) {
    const edits = distance(word.toLowerCase(), name.toLowerCase())
    if (edits < least) {
      least = edits
      nearest = name
    }
  }
  return nearest
}
