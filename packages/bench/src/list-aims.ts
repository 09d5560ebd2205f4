import { type Aim, atMost, type Finding } from './aim.ts'
import { type Row, rateAgainstPeers } from './figures.ts'
import { overheadCpuOf, peakRssOf } from './table.ts'
import type { CacheFigures } from './warm-cache.ts'

type FigureOf = (row: Row) => number | undefined

const endToEndCpuOf: FigureOf = row => row.warm?.totalCpuMs
const coldCpuOf: FigureOf = row => row.cold?.cpuMs

/** Returns the aims for single pictures. */
export function listRowAims(rows: readonly Row[]): Aim[] {
  const plain = rows.filter(({ contestant }) => contestant === 'nobg')
  const refined = rows.filter(({ contestant }) => contestant === 'nobg-refined')
  const low = rows.filter(({ contestant }) => contestant === 'nobg-low')
  const ours = [...plain, ...refined]
  const find = (some: readonly Row[], figureOf: FigureOf) =>
    some.flatMap(row => toFindings(row, figureOf(row)))
  const rate = (some: readonly Row[], figureOf: FigureOf, peer?: string) =>
    find(some, row => rateAgainstPeers(row, rows, figureOf, peer))
  const atSize = (some: readonly Row[], megapixels: number) =>
    some.filter(row => row.megapixels === megapixels)
  const ofModel = (some: readonly Row[], model: Row['model']) => some.filter(row => row.model === model)
  const peak = (model: Row['model'], limitMb: number) =>
    atMost(
      limitMb,
      `peak RSS at 24 MP with ${model} at most ${limitMb} MB`,
      find(ofModel(atSize([...ours, ...low], 24), model), peakRssOf),
    )
  const at12 = ofModel(atSize(ours, 12), 'isnet')
  return [
    atMost(
      0.6,
      'overhead without refinement at most 0.6 × transformers.js’ (CPU)',
      rate(plain, overheadCpuOf, 'transformers'),
    ),
    atMost(1, 'overhead with refinement at most 1.0 × the best peer’s (CPU)', rate(refined, overheadCpuOf)),
    atMost(
      0.8,
      'end to end at 12 MP with IS-Net at most 0.8 × transformers.js (CPU)',
      rate(at12, endToEndCpuOf, 'transformers'),
    ),
    atMost(
      1,
      'cold first picture with u2netp at most 1.0 × rembg-node (CPU)',
      rate(ofModel(ours, 'u2netp'), coldCpuOf, 'rembg'),
    ),
    peak('u2netp', 600),
    peak('isnet', 1100),
    atMost(1, 'peak RSS at 24 MP at most the best peer’s', rate(atSize(ours, 24), peakRssOf)),
  ]
}

/** Returns the aims for pictures that are in the cache. */
export function listCacheAims(cache: CacheFigures | undefined): Aim[] {
  const here = (value: number | undefined) => (value === undefined ? [] : [{ where: 'here', value }])
  return [
    atMost(
      2,
      'from a warm cache, planning takes at most 2 ms per picture in addition to the hash of its bytes',
      here(cache && cache.planMs - cache.hashMs),
    ),
    atMost(
      0,
      'from a warm cache, ONNX Runtime is not loaded and no process is started (number of both)',
      here(cache && cache.runtimeLoaded.length + cache.children),
    ),
  ]
}

function toFindings({ model, megapixels, contestant }: Row, value: number | undefined): Finding[] {
  return value === undefined
    ? []
    : [{ where: `${model} ${megapixels} MP${settings[contestant] ?? ''}`, value }]
}

/** Titles of nobg's other settings. */
const settings: Record<string, string> = { 'nobg-refined': ' refined', 'nobg-low': " refined, memory 'low'" }
