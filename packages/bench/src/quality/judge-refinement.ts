// Child process: measures what refinement does to colors under soft edges, in a folder of pictures with known foregrounds.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeTrial, judgeTruth, type Quality } from './judge.ts'
import type { RefinementError } from './refinement-aims.ts'
import { listTrials, openRemover } from './trials.ts'
import { readTruths } from './truth.ts'

const truths = (await readTruths(process.argv[2])).filter(({ foreground }) => foreground)
const errors: RefinementError[] = []
if (truths.length > 0) {
  errors.push(toError('the true alpha', await judgeTruth(truths)))
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-refinement-'))
  const remover = openRemover(cacheDir)
  try {
    const trials = (await listTrials(remover)).filter(({ matteUpsampling }) => matteUpsampling === 'guided')
    for (const [i, trial] of trials.entries()) {
      // Only at the model's own resolution, which comes first.
      if (trials[i - 1]?.model === trial.model) continue
      errors.push(toError(trial.model, await judgeTrial(remover, trial, truths, () => {})))
    }
  } finally {
    await remover.close()
    await rm(cacheDir, { recursive: true, force: true })
  }
}
process.send?.(errors)

function toError(matte: string, { foreground, refinedForeground }: Quality): RefinementError {
  return { matte, plain: foreground, refined: refinedForeground }
}
