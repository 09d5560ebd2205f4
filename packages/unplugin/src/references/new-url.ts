import { stripLiteral } from 'strip-literal'
import { parseReference, type Reference } from './reference.ts'

/** One `new URL('./a.jpg?nobg', import.meta.url)`: half-open range of UTF-16 offsets. */
export interface NewUrlRange {
  start: number
  end: number
  reference: Reference
}

// The form that bundlers support. Bundlers turn a template with expressions into a glob of imports.
const NEW_URL = /\bnew\s+URL\s*\(\s*('[^']+'|"[^"]+"|`[^`]+`)\s*,\s*import\.meta\.url\s*,?\s*\)/dg

/** Finds the marked asset URLs of a module: JavaScript, TypeScript or a component file. Comments are skipped. */
export function findNewUrlRanges(code: string): NewUrlRange[] {
  const ranges: NewUrlRange[] = []
  for (const match of stripLiteral(code).matchAll(NEW_URL)) {
    const [start, end] = match.indices?.[0] ?? [0, 0]
    const [from, to] = match.indices?.[1] ?? [0, 0]
    const literal = code.slice(from + 1, to - 1)
    const reference = literal.includes('${') ? undefined : parseReference(literal)
    if (reference) ranges.push({ start, end, reference })
  }
  return ranges
}
