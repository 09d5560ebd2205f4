// Child process: measures the optimized graphs of a folder, and sends their costs.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callScript } from './call-script.ts'
import { type GraphCost, type KnownGraph, knownGraphs } from './known-graphs.ts'
import { takeBest } from './report.ts'
import type { Rewriting } from './rewrite-graph.ts'
import type { GraphFigures } from './run-graph.ts'

const folder = process.argv[2]
const temporary = await mkdtemp(join(tmpdir(), 'nobg-graphs-'))
try {
  const costs: GraphCost[] = []
  for (const graph of knownGraphs) {
    const source = join(folder, `${graph.name}.onnx`)
    if (existsSync(source)) costs.push(await measure(graph, source))
  }
  process.send?.(costs)
} finally {
  await rm(temporary, { recursive: true, force: true })
}

async function measure({ name, side, gigaflops }: KnownGraph, source: string): Promise<GraphCost> {
  const target = join(temporary, `${name}.onnx`)
  const { result } = await callScript<Rewriting>('rewrite-graph', [source, target, ''])
  if (!result.changed) throw new Error(`expected ${source} to be optimized, got: ${result.reason}`)
  const run = async (runs: number, buffers: 'keep' | 'free') =>
    takeBest([
      await callScript<GraphFigures>('run-graph', [
        ...[target, join(temporary, 'logits'), String(side), String(runs), '', buffers],
      ]),
    ])
  const { laterPeakMb } = await run(1, 'free')
  const { runCpuMs } = side > 1024 ? await run(1, 'free') : await run(3, 'keep')
  await rm(target)
  if (gigaflops === undefined) return { name, runCpuMs, peakMb: laterPeakMb }
  const { gigaflopsPerCpuS } = await callScript<{ gigaflopsPerCpuS: number }>('measure-floor', [])
  const floorMs = (1000 * gigaflops) / gigaflopsPerCpuS
  return { name, runCpuMs, peakMb: laterPeakMb, overFloor: runCpuMs / floorMs }
}
