import { setTimeout as wait } from 'node:timers/promises'
import { NobgError } from '@nobg/core'
import type { PlannedCutout } from '../core/cutouts.ts'
import { isDraftOnly } from '../core/drafts.ts'
import type { PluginState } from './state.ts'

/** How often missing weights are looked for. */
const CHECK_EVERY_MS = 2000

/**
 * Makes a picture. If the weights of its model are missing, makes a draft with the embedded model first, and waits until the
 * weights are on disk.
 *
 * @param onDraft called with the finished draft.
 */
export async function makePicture(
  state: PluginState,
  planned: PlannedCutout,
  onDraft: (draft: PlannedCutout) => void,
): Promise<string> {
  const { cutouts, drafts, server } = state
  const draft = server && (await drafts.plan(planned))
  if (!draft) return cutouts.ensure(planned)
  return new Promise((resolve, reject) => {
    cutouts.ensure(draft).then(
      () => onDraft(draft),
      error => isDraftOnly(error) || reject(error),
    )
    makeWithWeights(state, planned).then(resolve, reject)
  })
}

/** Makes the picture, if necessary after the user has fetched the weights. */
async function makeWithWeights(state: PluginState, planned: PlannedCutout): Promise<string> {
  for (;;) {
    try {
      return await state.cutouts.ensure(planned)
    } catch (error) {
      if (!(error instanceof NobgError) || error.code !== 'WEIGHTS_UNAVAILABLE') throw error
      state.drafts.reportFailure(planned, error)
    }
    await untilWeights(state, planned)
  }
}

async function untilWeights(state: PluginState, planned: PlannedCutout): Promise<void> {
  do await wait(CHECK_EVERY_MS, undefined, { ref: false })
  while (state.isClosed || !(await state.cutouts.hasWeights(planned)))
}
