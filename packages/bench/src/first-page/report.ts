import { type Aim, atMost } from '../aim.ts'
import { describeAims } from '../aims.ts'
import { type Column, layTable, ratio, round, seconds } from '../cells.ts'
import type { Visit } from './open-page.ts'
import { type PageKind, pageKinds } from './pages.ts'

/** The visits of one kind of page. The visits of a round follow one another. */
export interface PageFigures {
  kind: PageKind
  /** Number of pictures of the page. */
  pictures: number
  rounds: { without: Visit; with: Visit }[]
}

/** The figures of a kind of page: medians, except sums of reloads and missing pictures. */
export interface PageSummary {
  kind: PageKind
  withoutMs: number
  withMs: number
  /** Median of the rounds' ratios. */
  ratio: number
  /** The least and the greatest ratio of a round. */
  spread: [least: number, greatest: number]
  /** Time until the first and the last cutout; undefined if none has appeared. */
  firstMs: number | undefined
  lastMs: number | undefined
  /** Reloads of all visits with nobg. */
  reloads: number
  /** Pictures that have not appeared, of all visits. */
  missing: number
}

export function summarizePage({ kind, pictures, rounds }: PageFigures): PageSummary {
  const ratios = rounds.map(round => round.with.loadedMs / round.without.loadedMs)
  const cutouts = rounds.map(round => round.with.cutoutMs).filter(times => times.length > 0)
  return {
    kind,
    withoutMs: median(rounds.map(({ without }) => without.loadedMs)),
    withMs: median(rounds.map(round => round.with.loadedMs)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    firstMs: cutouts.length > 0 ? median(cutouts.map(times => times[0])) : undefined,
    lastMs: cutouts.length > 0 ? median(cutouts.map(times => times[times.length - 1])) : undefined,
    reloads: sum(rounds.map(round => round.with.reloads)),
    missing: sum(rounds.map(round => pictures - round.with.cutoutMs.length)),
  }
}

const columns: readonly Column<PageSummary>[] = [
  ['page', ({ kind }) => pageKinds[kind]],
  ['without nobg, ms', ({ withoutMs }) => round(withoutMs)],
  ['with nobg, ms', ({ withMs }) => round(withMs)],
  ['×', page => ratio(page.ratio)],
  ['× least and greatest', ({ spread }) => spread.map(ratio).join(', ')],
  ['first cutout, s', ({ firstMs }) => seconds(firstMs)],
  ['last cutout, s', ({ lastMs }) => seconds(lastMs)],
  ['reloads', ({ reloads }) => String(reloads)],
  ['missing', ({ missing }) => String(missing)],
]

/** Formats the figures as a Markdown table, with a line per aim. */
export function reportPages(figures: readonly PageFigures[]): string {
  const pages = figures.map(summarizePage)
  return [layTable(columns, pages, 1), '', ...describeAims(listPageAims(pages))].join('\n')
}

/** Whether all aims are met. */
export function areAimsMet(figures: readonly PageFigures[]): boolean {
  return listPageAims(figures.map(summarizePage)).every(aim =>
    aim.figures.every(({ value }) => aim.isMet(value)),
  )
}

function listPageAims(pages: readonly PageSummary[]): Aim[] {
  const find = (read: (page: PageSummary) => number) =>
    pages.map(page => ({ where: page.kind, value: read(page) }))
  return [
    atMost(
      1.2,
      'DOMContentLoaded at most 1.2 × that of the page without nobg',
      find(page => page.ratio),
    ),
    atMost(
      0,
      'no page reloads',
      find(({ reloads }) => reloads),
    ),
    atMost(
      0,
      'every picture appears',
      find(({ missing }) => missing),
    ),
  ]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
