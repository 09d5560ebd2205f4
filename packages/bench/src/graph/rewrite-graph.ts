// A process of its own for the rewriting of one graph: sends what became of it and what that cost.
import { type OptimizeResult, optimizeGraph } from '@nobg/onnx-optimizer'

/** What the rewriting did, and what it cost. */
export interface Rewriting {
  result: OptimizeResult
  cpuMs: number
  peakMb: number
}

const [source, target, output] = process.argv.slice(2)
const result = await optimizeGraph(source, target, output ? { outputs: [output] } : {})
const { user, system } = process.cpuUsage()
const rewriting: Rewriting = {
  result,
  cpuMs: (user + system) / 1000,
  peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
}
process.send?.(rewriting)
