import type { CutoutFile } from '@nobg/core'
import { formatCount, formatSeconds } from './format.ts'

/** A time span, in ms. */
interface Span {
  start: number
  end: number
}

/** Counts finished pictures, each once. */
export interface BuildSummary {
  /** Adds a picture of the photograph `source`. @returns whether the picture is new since the last summary. */
  add(file: string, result: CutoutFile, source?: string): boolean
  /**
   * Returns the text for the end of a build: one line, and a line for each picture whose matte is probably wrong. Resets
   * the count. Undefined if no picture was added.
   */
  summarize(): string | undefined
}

/** Creates an empty summary. */
export function createBuildSummary(): BuildSummary {
  const results = new Map<string, CutoutFile>()
  const spans: Span[] = []
  const doubts = new Set<string>()

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
    const lines = [`nobg: ${parts.join(', ')}`, ...describeDoubts([...doubts])]
    results.clear()
    doubts.clear()
    spans.length = 0
    return lines.join('\n')
  }

  return {
    add: (file, result, source = file) => {
      if (results.has(file)) return false
      results.set(file, result)
      for (const { code, message } of result.findings) doubts.add(`  ${source}: ${message} (${code})`)
      const end = performance.now()
      if (!result.cached) spans.push({ start: end - result.timings.total, end })
      return true
    },
    summarize,
  }
}

function describeDoubts(doubts: string[]): string[] {
  if (doubts.length === 0) return []
  const action = 'try another model, or give a matte of your own (ada.matte.png beside ada.jpg).'
  return ['nobg: mattes that are probably wrong:', ...doubts, `  If the cutout is wrong, ${action}`]
}

/** The length of the union of the spans, in ms: images are processed in parallel. */
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
