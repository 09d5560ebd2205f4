// Child process for one contestant and one model: receives a picture, sends its cost.
import { contestants } from './contestants.ts'
import type { BenchModel, Pipeline } from './pipelines/pipeline.ts'
import { readTreeCpuMs, type Sample, takeSample } from './sample.ts'

export interface ContestantOrder {
  /** Path of the picture. */
  picture: string
  /** Whether to measure the event loop, which uses a little CPU time. */
  watchLoop: boolean
}

/** `totalCpuMs` counts from the start of the process. */
export type ContestantAnswer = { sample: Sample; totalCpuMs: number } | { error: string }

const [id, model] = process.argv.slice(2)
let pipeline: Promise<Pipeline> | undefined

process.on('message', async (order: ContestantOrder) => {
  process.send?.(await answer(order))
})

// A regular exit, so that temporary files and child processes are removed.
process.on('disconnect', () => process.exit())

async function answer({ picture, watchLoop }: ContestantOrder): Promise<ContestantAnswer> {
  try {
    pipeline ??= open()
    const sample = await takeSample(await pipeline, picture, watchLoop)
    return { sample, totalCpuMs: readTreeCpuMs() }
  } catch (error) {
    return { error: String((error as Error)?.message ?? error).split('\n')[0] }
  }
}

async function open(): Promise<Pipeline> {
  const contestant = contestants.find(one => one.id === id)
  if (!contestant) throw new Error(`expected a contestant, got ${id}`)
  return contestant.open(model as BenchModel)
}
