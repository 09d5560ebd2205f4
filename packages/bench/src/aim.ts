/** A figure, and the row or process that it belongs to. */
export interface Finding {
  where: string
  value: number
}

/** A limit that nobg aims to keep in all rows or processes that the aim covers. */
export interface Aim {
  text: string
  /** The measured figures. */
  figures: Finding[]
  /** Whether a figure meets the aim. */
  isMet(value: number): boolean
}

/** Returns an aim that figures of at most `limit` meet. */
export function atMost(limit: number, text: string, figures: Finding[]): Aim {
  return { text, figures, isMet: value => value <= limit }
}
