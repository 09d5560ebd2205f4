/**
 * Makes a client's file name safe for URLs and headers: without folders, control characters, quotes and characters that
 * change the reading direction, at most 120 characters. The result is no path on disk.
 *
 * @param otherwise the result if nothing is left.
 */
export function toDisplayName(name: unknown, otherwise: string): string {
  if (typeof name !== 'string') return otherwise
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const clean = base.replace(/[\p{Surrogate}\p{Control}\p{Bidi_Control}"]/gu, '').trim()
  const short = shorten(clean, 120)
  return /^\.*$/.test(short) ? otherwise : short
}

function shorten(name: string, characters: number): string {
  let short = ''
  let count = 0
  for (const character of name) {
    if (count++ === characters) break
    short += character
  }
  return short
}
