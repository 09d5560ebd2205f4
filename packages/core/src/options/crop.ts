/** A margin around the subject: px of the full image, or percent of the subject's larger side. */
export interface Crop {
  margin: number
  unit: 'px' | '%'
}

/**
 * Reads `true`, `24`, `'24px'`, `'5%'`, or the bare word of a query (`?crop`).
 *
 * @returns the margin, or undefined for no crop.
 * @throws {Error} with the expectation as message.
 */
export function parseCrop(value: unknown): Crop | undefined {
  const word = String(value).trim().toLowerCase()
  if (word === 'false' || word === 'no' || word === 'off') return undefined
  if (word === 'true' || word === '' || word === 'yes' || word === 'on') return { margin: 0, unit: 'px' }
  const match = /^(\d{1,5}(?:\.\d{1,3})?)(px|%)?$/.exec(word)
  if (!match) throw new Error('expected true, false, or a margin such as 24 (px) or 5%')
  return { margin: Number(match[1]), unit: match[2] === '%' ? '%' : 'px' }
}
