import type { Aim, Finding } from './aim.ts'
import { listBatchAims } from './batch/aims.ts'
import type { BatchRow } from './batch/figures.ts'
import type { Row } from './figures.ts'
import { listGraphAims } from './graph/aims.ts'
import type { GraphCost } from './graph/known-graphs.ts'
import { listCacheAims, listRowAims } from './list-aims.ts'
import { listRefinementAims, type RefinementError } from './quality/refinement-aims.ts'
import type { CacheFigures } from './warm-cache.ts'

/** What a run measured. */
export interface Measurements {
  rows: readonly Row[]
  cache: CacheFigures | undefined
  batches: readonly BatchRow[]
  refinement: readonly RefinementError[]
  graphs: readonly GraphCost[]
}

/** Returns one line per aim: met, missed (with the rows that miss it) or not measured. */
export function judgeAims({ rows, cache, batches, refinement, graphs }: Measurements): string[] {
  return describeAims([
    ...listRowAims(rows),
    ...listCacheAims(cache),
    ...listBatchAims(batches),
    ...listRefinementAims(refinement),
    ...listGraphAims(graphs),
  ])
}

/** Returns one line per aim: met, missed (with the figures that miss it) or not measured. */
export function describeAims(aims: readonly Aim[]): string[] {
  return aims.map(({ text, figures, isMet }) => {
    if (figures.length === 0) return `- not measured: ${text}`
    const list = (some: readonly Finding[]) =>
      some.map(({ where, value }) => `${where} ${value.toFixed(2)}`).join(', ')
    const missed = figures.filter(({ value }) => !isMet(value))
    return missed.length === 0
      ? `- met: ${text} (${list(figures)})`
      : `- missed: ${text}: ${list(missed)}${missed.length < figures.length ? ' (met elsewhere)' : ''}`
  })
}
