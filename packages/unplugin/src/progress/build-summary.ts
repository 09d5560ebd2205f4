import type { CutoutFile } from '@nobg/core'
import { formatCount, formatSeconds } from './format.ts'

/** A stretch of time, in ms. */
interface Span {
  start: number
  end: number
}

/** Counts finished pictures, each once. */
export interface BuildSummary {
  /** @returns whether the picture is new since the last summary */
  add(file: string, result: CutoutFile): boolean
  /** The line for the end of a build; the count starts anew. Undefined where nothing was asked for. */
  summarize(): string | undefined
}

/** Opens an empty summary. */
export function createBuildSummary(): BuildSummary {
  const results = new Map<string, CutoutFile>()
  const spans: Span[] = []

  function summarize(): string | undefined {
    if (results.size === 0) return undefined
    const all = [...results.values()]
    const made = all.filter(({ cached }) => !cached)
    const savedMs = sum(all.map(result => result.savedMs))
    const parts: string[] = []
    if (made.length > 0) {
      parts.push(`${formatCount(made.length, 'image')} processed in ${formatSeconds(measureUnion(spans))}`)
    }
    if (made.length < all.length) {
      parts.push(`${all.length - made.length} from cache (${formatSeconds(savedMs)} saved)`)
    }
    results.clear()
    spans.length = 0
    return `nobg: ${parts.join(', ')}`
  }

  return {
    add: (file, result) => {
      if (results.has(file)) return false
      results.set(file, result)
      const end = performance.now()
      if (!result.cached) spans.push({ start: end - result.timings.total, end })
      return true
    },
    summarize,
  }
}

/** How long at least one span lasts, in ms: images are worked on side by side. */
function measureUnion(spans: Span[]): number {
  let total = 0
  let covered = Number.NEGATIVE_INFINITY
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    total += Math.max(0, end - Math.max(start, covered))
    covered = Math.max(covered, end)
  }
  return total
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
