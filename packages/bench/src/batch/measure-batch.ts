import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from '../call-contestant.ts'
import { watchLoop } from '../loop-delay.ts'
import type { Measured } from '../measure.ts'
import { watchResident } from '../process-tree.ts'
import type { BatchEntrant, PictureBatch } from './batches.ts'
import type { BatchAnswer, BatchOrder } from './cut-batch.ts'
import { type BatchFigures, type MemorySample, summarizeBatch } from './figures.ts'

/** Measures a batch in a new process with empty caches. */
export async function measureBatch(
  { id, atOnce }: BatchEntrant,
  { model }: PictureBatch,
  pictures: string[],
  folder: string,
): Promise<Measured<BatchFigures>> {
  const finished = join(folder, 'finished')
  const runs = join(folder, 'runs')
  await writeFile(runs, '')
  const process = startProcess('batch/cut-batch', [], { NOBG_BENCH_RUNS: runs })
  const gone = once(process, 'exit')
  const samples: MemorySample[] = []
  const memory = watchResident(process.pid!, rssMb => samples.push({ at: Date.now(), rssMb }))
  const loop = await watchLoop()
  try {
    process.send({ contestant: id, model, atOnce, pictures, folder: finished } satisfies BatchOrder)
    const [answer]: (BatchAnswer | number)[] = await Promise.race([once(process, 'message'), gone])
    if (typeof answer !== 'object') return { failure: `ended with ${answer}` }
    return 'error' in answer ? { failure: answer.error } : summarizeBatch(answer, samples, await loop.stop())
  } finally {
    memory.stop()
    if (process.connected) process.disconnect()
    await gone
    await rm(finished, { recursive: true, force: true })
  }
}
