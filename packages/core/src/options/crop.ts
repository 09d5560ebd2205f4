/** A margin around the subject: px of the full image, or percent of the longer side of the subject. */
export interface Crop {
  margin: number
  unit: 'px' | '%'
}

/** Above every margin that fits in five digits. */
const MARGIN_LIMIT = 1e5

/**
 * Reads `true`, `24`, `'24px'`, `'5%'`, the bare word of a query (`?crop`), or a {@link Crop}, which is its own result.
 *
 * @returns the margin, or undefined for no crop.
 * @throws {Error} with the expectation as message.
 */
export function parseCrop(value: unknown): Crop | undefined {
  if (isCrop(value)) return { margin: value.margin, unit: value.unit }
  const word = String(value).trim().toLowerCase()
  if (word === 'false' || word === 'no' || word === 'off') return undefined
  if (word === 'true' || word === '' || word === 'yes' || word === 'on') return { margin: 0, unit: 'px' }
  const match = /^(\d{1,5}(?:\.\d{1,3})?)(px|%)?$/.exec(word)
  if (!match) throw new Error('expected true, false, or a margin such as 24 (px) or 5%')
  return { margin: Number(match[1]), unit: match[2] === '%' ? '%' : 'px' }
}

function isCrop(value: unknown): value is Crop {
  if (typeof value !== 'object' || value === null) return false
  const { margin, unit } = value as Partial<Crop>
  return typeof margin === 'number' && margin >= 0 && margin < MARGIN_LIMIT && (unit === 'px' || unit === '%')
}
