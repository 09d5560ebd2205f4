/** Where something was measured, and the figure. */
export interface Finding {
  where: string
  value: number
}

/** One thing that nobg wants to be true, for every row or process that it is about. */
export interface Aim {
  text: string
  /** What was measured of it. */
  figures: Finding[]
  /** Whether a figure is good enough. */
  isMet(value: number): boolean
}

/** An aim to stay at a limit or below. */
export function atMost(limit: number, text: string, figures: Finding[]): Aim {
  return { text, figures, isMet: value => value <= limit }
}
