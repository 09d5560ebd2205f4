import { formatBytes } from '../shared/format-bytes.ts'
import type { Model } from './model.ts'

/** Such as `8.2 s of processor time and 1.1 GB of memory`; undefined if the model was not measured. */
export function describeCost({ cost }: Pick<Model, 'cost'>): string | undefined {
  if (!cost) return undefined
  const { cpuSeconds, peakBytes } = cost
  const seconds = cpuSeconds < 10 ? cpuSeconds.toFixed(1) : cpuSeconds.toFixed(0)
  return `${seconds} s of processor time and ${formatBytes(peakBytes)} of memory`
}
