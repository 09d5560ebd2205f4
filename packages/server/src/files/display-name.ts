/** What a client called a file, fit for an address and a header: no folder, no control characters, nothing that turns the reading direction, at most 120 letters. */
export function toDisplayName(name: unknown, otherwise: string): string {
  if (typeof name !== 'string') return otherwise
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const clean = base.replace(/[\p{Surrogate}\p{Control}\p{Bidi_Control}"]/gu, '').trim()
  const short = shorten(clean, 120)
  return /^\.*$/.test(short) ? otherwise : short
}

function shorten(name: string, letters: number): string {
  let short = ''
  let count = 0
  for (const letter of name) {
    if (count++ === letters) break
    short += letter
  }
  return short
}
