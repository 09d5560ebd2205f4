import { type Row, rateAgainstPeers } from './figures.ts'
import { overheadCpuOf, peakRssOf } from './table.ts'
import type { CacheFigures } from './warm-cache.ts'

/** One thing that nobg wants to be true, for every row or process that it is about. */
interface Aim {
  text: string
  /** What was measured of it: where, and the figure. */
  figures: { where: string; value: number }[]
  /** Whether a figure is good enough. */
  isMet(value: number): boolean
}

/** What the figures say of nobg's aims, a line each, with the places where one is missed. */
export function judgeAims(rows: readonly Row[], cache: CacheFigures | undefined): string[] {
  return listAims(rows, cache).map(({ text, figures, isMet }) => {
    if (figures.length === 0) return `- not measured: ${text}`
    const missed = figures.filter(({ value }) => !isMet(value))
    const places = missed.map(({ where, value }) => `${where} ${value.toFixed(2)}`).join(', ')
    const worst = Math.max(...figures.map(({ value }) => value)).toFixed(2)
    return missed.length === 0 ? `- met: ${text} (worst ${worst})` : `- missed: ${text}: ${places}`
  })
}

function listAims(rows: readonly Row[], cache: CacheFigures | undefined): Aim[] {
  const rate = (contestant: string, figureOf: (row: Row) => number | undefined, megapixels?: number) =>
    rows
      .filter(row => row.contestant === contestant && (!megapixels || row.megapixels === megapixels))
      .map(row => ({
        where: `${row.model} ${row.megapixels} MP`,
        value: rateAgainstPeers(row, rows, figureOf),
      }))
      .filter((figure): figure is { where: string; value: number } => figure.value !== undefined)
  const ofCache = (value: number | undefined) => (value === undefined ? [] : [{ where: 'here', value }])
  return [
    {
      text: 'overhead without refinement at most 0.6 × the best peer’s (CPU)',
      figures: rate('nobg', overheadCpuOf),
      isMet: value => value <= 0.6,
    },
    {
      text: 'overhead with refinement at most 1.0 × the best peer’s (CPU)',
      figures: rate('nobg-refined', overheadCpuOf),
      isMet: value => value <= 1,
    },
    {
      text: 'peak RSS at 24 MP below the best peer’s',
      figures: [...rate('nobg', peakRssOf, 24), ...rate('nobg-refined', peakRssOf, 24)],
      isMet: value => value < 1,
    },
    {
      text: 'from a warm cache, planning costs less than 2 ms a picture beside the hash of its bytes',
      figures: ofCache(cache && cache.planMs - cache.hashMs),
      isMet: value => value < 2,
    },
    {
      text: 'from a warm cache, neither ONNX Runtime is loaded nor a process started (how many)',
      figures: ofCache(cache && cache.runtimeLoaded.length + cache.children),
      isMet: value => value === 0,
    },
  ]
}

/** The warm cache in a sentence. */
export function describeCache(cache: CacheFigures): string {
  const ms = (value: number) => `${value.toFixed(2)} ms`
  return (
    `Warm cache, ${cache.pictures} pictures in a new process, each: reading and hashing ${ms(cache.hashMs)}, first plan ` +
    `${ms(cache.planMs)} (hash included), second plan ${ms(cache.planAgainMs)}, ensure ${ms(cache.ensureMs)}; import ` +
    `and open ${ms(cache.openMs)} once; ${ms(cache.cpuMs)} CPU and ${cache.rssMb.toFixed(0)} MB in all; ` +
    `ONNX Runtime's libraries loaded: ${cache.runtimeLoaded.length}, child processes: ${cache.children}.`
  )
}
