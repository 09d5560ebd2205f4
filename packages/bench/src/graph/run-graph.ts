// Child process that opens a session on one graph as core does, runs it on noise, and sends the cost.
import { writeFile } from 'node:fs/promises'
import { describeLocalModel } from '../../../core/src/models/local.ts'
import { openSession } from '../../../core/src/models/session.ts'
import { makeNoise } from './noise.ts'

/** Figures of one process. A peak covers the process's life up to that point. */
export interface GraphFigures {
  createCpuMs: number
  createWallMs: number
  createPeakMb: number
  runs: { cpuMs: number; wallMs: number; peakMb: number }[]
  /** RSS after the last run. */
  keptMb: number
}

const [path, logits, side, runs, output, buffers] = process.argv.slice(2)
const model = describeLocalModel('graph', {
  path,
  resolution: Number(side),
  output: output || undefined,
})

const opening = startClock()
const session = await openSession(model, path, {
  threads: 0,
  keepBuffers: buffers === 'keep',
  executionProviders: ['cpu'],
})
const opened = opening()
const figures: GraphFigures = {
  createCpuMs: opened.cpuMs,
  createWallMs: opened.wallMs,
  createPeakMb: opened.peakMb,
  runs: [],
  keptMb: 0,
}
const input = makeNoise(3 * Number(side) ** 2)
for (let run = 0; run < Number(runs); run++) {
  const running = startClock()
  const { data } = await session.run(input, Number(side), Number(side))
  figures.runs.push(running())
  if (run === 0) await writeFile(logits, data)
}
figures.keptMb = process.memoryUsage().rss / 1e6
process.send?.(figures)

function startClock(): () => { cpuMs: number; wallMs: number; peakMb: number } {
  const wall = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    const { maxRSS } = process.resourceUsage()
    return {
      cpuMs: (user + system) / 1000,
      wallMs: performance.now() - wall,
      peakMb: (maxRSS * 1024) / 1e6,
    }
  }
}
