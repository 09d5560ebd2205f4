import { distance } from 'fastest-levenshtein'

/**
 * Returns the name that was probably meant: the nearest of `names` by edit distance, ignoring case. Two swapped letters are
 * one edit. Undefined if none is near.
 *
 * @param maxDistance in edits. Default: a third of the length of `word`, and at least 2.
 */
export function findSuggestion(
  word: string,
  names: readonly string[],
  maxDistance: number = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  let nearest: string | undefined
  let least = maxDistance + 1
  for (const name of names) {
    const edits = countEdits(word.toLowerCase(), name.toLowerCase())
    if (edits < least) {
      least = edits
      nearest = name
    }
  }
  return nearest
}

function countEdits(word: string, name: string): number {
  const edits = distance(word, name)
  return edits === 2 && isSwapped(word, name) ? 1 : edits
}

/** Whether two letters that stand side by side are swapped. */
function isSwapped(word: string, name: string): boolean {
  const at = [...word].findIndex((letter, index) => letter !== name[index])
  return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2) === name
}

/**
 * Returns a hint for an unknown name: the name that was probably meant, or all names if none is near.
 *
 * @param plural what the names are, such as `options`.
 */
export function hintAtNames(word: string, names: readonly string[], plural: string): string {
  const meant = findSuggestion(word, names)
  return meant ? `Did you mean '${meant}'?` : `The ${plural} are ${names.join(', ')}.`
}
