// Child process that optimizes one graph. Sends the result and its cost.
import { type OptimizeResult, optimizeGraph } from '@nobg/onnx-optimizer'

/** Result and cost of an optimization. */
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
