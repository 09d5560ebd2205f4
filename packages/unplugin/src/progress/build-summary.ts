import { parse } from 'node:path'
import type { CutoutFile } from '@nobg/core'
import { formatBytes, suggestModel } from '@nobg/core/internal'
import { formatCount, formatSeconds } from './format.ts'
import { describeLargePictures, type ShippedPicture } from './large-pictures.ts'

/** At most this number of pictures is listed, the largest. */
const MAX_LISTED = 20

/** A picture with a finding. */
interface Doubt {
  /** The photograph, as the summary names it. */
  source: string
  /** Id of the requested model, if `substitute` replaces it. */
  replaces: string | undefined
}

/** A time span, in ms. */
interface Span {
  start: number
  end: number
}

/** The texts at the end of a build. */
interface SummaryTexts {
  /** Counts, times and sizes. */
  info: string
  /** About mattes that are probably wrong, and about pictures above the limit; undefined if there are none. */
  warning: string | undefined
}

/** Counts finished pictures, each once. */
export interface BuildSummary {
  /**
   * Adds a picture.
   *
   * @param source the photograph, as the summary names it.
   * @param replaces id of the requested model, if `substitute` replaces it.
   * @param shipped the picture's size and options; undefined if the host encodes the picture again.
   * @returns whether the picture is new since the last summary.
   */
  add(
    file: string,
    result: CutoutFile,
    source: string,
    shipped: ShippedPicture | undefined,
    replaces?: string,
  ): boolean
  /** Returns the texts for the end of a build, and resets the count. Undefined if no picture was added. */
  summarize(): SummaryTexts | undefined
}

/** Creates an empty summary. @param warnAboveBytes a larger picture gets a warning. */
export function createBuildSummary(warnAboveBytes: number): BuildSummary {
  const results = new Map<string, CutoutFile>()
  const pictures: ShippedPicture[] = []
  const spans: Span[] = []
  /** The pictures, by the line of a finding. */
  const doubts = new Map<string, Doubt>()

  function summarize(): SummaryTexts | undefined {
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
    if (pictures.length > 0) parts.push(formatBytes(sumBytes(pictures)))
    const info = [`nobg: ${parts.join(', ')}`, ...listPictures(pictures)].join('\n')
    const warnings = [...describeDoubts(doubts), describeLargePictures(pictures, warnAboveBytes)]
    const warning = warnings.filter(Boolean).join('\n') || undefined
    results.clear()
    doubts.clear()
    pictures.length = 0
    spans.length = 0
    return { info, warning }
  }

  return {
    add: (file, result, source, shipped, replaces) => {
      if (results.has(file)) return false
      results.set(file, result)
      if (shipped) pictures.push(shipped)
      for (const { code, message } of result.findings)
        doubts.set(`  ${source}: ${message} (${code})`, { source, replaces })
      const end = performance.now()
      if (!result.cached) spans.push({ start: end - result.timings.total, end })
      return true
    },
    summarize,
  }
}

/** One line for each picture, the largest first. */
function listPictures(pictures: readonly ShippedPicture[]): string[] {
  const sorted = pictures.toSorted((one, other) => other.bytes - one.bytes)
  const listed = sorted.slice(0, MAX_LISTED)
  const width = Math.max(...listed.map(({ label }) => label.length))
  const lines = listed.map(
    ({ label, bytes, width: columns, height: rows, options }) =>
      `  ${label.padEnd(width)}  ${formatBytes(bytes).padStart(7)}  ${options.outputFormat}, ${columns} × ${rows} px`,
  )
  const more = sorted.slice(MAX_LISTED)
  return more.length > 0 ? [...lines, `  and ${more.length} more, ${formatBytes(sumBytes(more))}`] : lines
}

function describeDoubts(doubts: ReadonlyMap<string, Doubt>): string[] {
  const [doubt] = doubts.values()
  if (doubt === undefined) return []
  const { base, name } = parse(doubt.source)
  const action = `${suggestModel(doubt.replaces)} Or save your own matte as ${name}.matte.png beside ${base}.`
  return ['nobg: mattes that are probably wrong:', ...doubts.keys(), `  If the cutout is wrong: ${action}`]
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

function sumBytes(pictures: readonly ShippedPicture[]): number {
  return sum(pictures.map(({ bytes }) => bytes))
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
