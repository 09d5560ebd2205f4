import { setTimeout as wait } from 'node:timers/promises'
import { NobgError } from '@nobg/core'
import { resolveConfig } from '@nobg/core/internal'
import { DRAFT_MODEL, type PlannedCutout } from '../core/cutouts.ts'
import type { PluginState } from './state.ts'

/** How often missing weights are looked for. */
const CHECK_EVERY_MS = 2000

/** Errors of a draft that the requested model would not have. Any other error ends the picture too, before a long download. */
const DRAFT_ONLY = [
  'NO_SUBJECT',
  'DOUBTFUL_MATTE',
  'INFERENCE_FAILED',
  'WEIGHTS_UNAVAILABLE',
  'INSUFFICIENT_MEMORY',
]

/**
 * Makes a picture. If the weights of its model are missing, makes a draft with the embedded model first, and waits until the
 * weights are there.
 *
 * @param onDraft called with the finished draft.
 */
export async function makePicture(
  state: PluginState,
  planned: PlannedCutout,
  onDraft: (draft: PlannedCutout) => void,
): Promise<string> {
  const { cutouts, options, server } = state
  if (!server || !options.draft || (await cutouts.isReady(planned))) return cutouts.ensure(planned)
  const draft = await cutouts.planDraft(planned)
  if (!draft || !(await cutouts.isReady(draft))) return cutouts.ensure(planned)
  if (!(await cutouts.hasWeights(planned))) announceDrafts(state, planned)
  return new Promise((resolve, reject) => {
    cutouts.ensure(draft).then(
      () => onDraft(draft),
      error => isDraftOnly(error) || reject(error),
    )
    makeWithWeights(state, planned).then(resolve, reject)
  })
}

function isDraftOnly(error: unknown): boolean {
  return error instanceof NobgError && DRAFT_ONLY.includes(error.code)
}

/** Makes the picture, if necessary after the user has fetched the weights. */
async function makeWithWeights(state: PluginState, planned: PlannedCutout): Promise<string> {
  for (;;) {
    try {
      return await state.cutouts.ensure(planned)
    } catch (error) {
      if (!(error instanceof NobgError) || error.code !== 'WEIGHTS_UNAVAILABLE') throw error
      announceFailure(state, planned, error)
    }
    await untilWeights(state, planned)
  }
}

async function untilWeights(state: PluginState, planned: PlannedCutout): Promise<void> {
  do await wait(CHECK_EVERY_MS, undefined, { ref: false })
  while (state.isClosed || !(await state.cutouts.hasWeights(planned)))
}

function announceDrafts(state: PluginState, { plan }: PlannedCutout): void {
  if (!plan) return
  const { id, bytes, license } = plan.model
  const size = bytes ? `${Math.round(bytes / 1e6)} MB, ` : ''
  const action = mayDownload(state)
    ? 'nobg downloads them now.'
    : `Downloads are off: run ${spellPull(state, id)}.`
  logOnce(
    state,
    `nobg: the weights of ${id} (${size}${license}) are missing, so ${DRAFT_MODEL} makes drafts. ${action} nobg replaces each draft when the weights are there.`,
  )
}

/** Says why a download failed. Without downloads, the announcement of the drafts has said all. */
function announceFailure(state: PluginState, { plan }: PlannedCutout, { message }: NobgError): void {
  if (!plan || !mayDownload(state)) return
  const { id } = plan.model
  const action = `Run ${spellPull(state, id)}, or put the file at this path. Each draft is replaced when the weights are there.`
  logOnce(state, `nobg: the pictures of ${id} stay drafts. ${message}\n  ${action}`)
}

function mayDownload({ cutouts }: PluginState): boolean {
  return resolveConfig(cutouts.config).download
}

function spellPull({ options }: PluginState, id: string): string {
  const { modelsDir } = options.config
  return `\`npx nobg models pull ${id}${modelsDir ? ` --models-dir ${JSON.stringify(modelsDir)}` : ''}\``
}

function logOnce({ logged, config }: PluginState, message: string): void {
  if (logged.has(message)) return
  logged.add(message)
  config.logger.warn(message)
}
