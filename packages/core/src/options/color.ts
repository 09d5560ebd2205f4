import 'culori/css'
import { clampGamut, formatHex8, parse } from 'culori/fn'

/** In characters; the longest colors that people write have about 80. The parser takes quadratic time. */
const MAX_LENGTH = 128

/**
 * Reads a CSS color (CSS Color 4). A hex color may omit `#`, which a query cannot carry.
 *
 * @returns canonical `#rrggbb`, or `#rrggbbaa` if translucent; undefined for a fully transparent color.
 * @throws {Error} with the expectation as message.
 */
export function parseColor(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length > MAX_LENGTH)
    throw new Error(`expected a CSS color of at most ${MAX_LENGTH} characters, got ${value.length}`)
  const color = typeof value === 'string' ? parse(value.trim()) : undefined
  const hex = color && formatHex8(clampGamut('rgb')(color))
  if (!hex)
    throw new Error("expected a CSS color, such as 'white', 'fff', '#1e90ff80' or 'oklch(70% 0.1 200)'")
  if (hex.endsWith('00')) return undefined
  return hex.endsWith('ff') ? hex.slice(0, 7) : hex
}
