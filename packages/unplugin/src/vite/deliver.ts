import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { PlannedCutout } from '../core/cutouts.ts'
import { explainError } from '../core/errors.ts'
import { formatSeconds } from '../progress/format.ts'
import { devWait } from './dev-wait.ts'
import { makePicture } from './draft.ts'
import { announceChange } from './hot.ts'
import { hasStandIns, renewPictures } from './stand-ins.ts'
import type { Delivery, PluginState } from './state.ts'
import { untilQuiet } from './traffic.ts'

/** Words whose import is the address of the file: no plugin reads the file. */
const URL_WORDS = ['url', 'no-inline']

/**
 * Returns the file of a picture for a reference. A development server gets the path at once, and the request for the file
 * waits. A build waits for the file, and so does a server if query words follow, because another plugin reads the file.
 *
 * @returns absolute path of the file to serve.
 * @throws {LocatedError}
 */
export async function provideCutout(state: PluginState, planned: PlannedCutout): Promise<string> {
  const isRead = planned.rest.some(({ text }) => !URL_WORDS.includes(text))
  if (!state.server || isRead) return deliverCutout(state, planned)
  showLater(state, planned)
  return planned.file
}

/**
 * Waits for a picture. In development, the wait has a limit: after it, the photograph is served until the picture is ready.
 *
 * @returns absolute path of the file to serve.
 * @throws {LocatedError}
 */
export async function deliverCutout(state: PluginState, planned: PlannedCutout): Promise<string> {
  const { importerId } = planned.site
  const delivery = openDelivery(state, planned)
  try {
    const file = await awaitFile(state, planned, delivery)
    if (file !== planned.file && importerId !== undefined) delivery.late.add(importerId)
    return file
  } catch (error) {
    throw explainError(error, planned.source, planned.site)
  }
}

/**
 * Waits for a picture or its draft, and rejects with the job's error.
 *
 * @param limitMs a shorter limit than {@link devWait}.
 * @returns the file to show: the picture, the draft, or after the limit the photograph.
 */
export async function awaitFile(
  { server, options: { dev } }: PluginState,
  planned: PlannedCutout,
  delivery: Delivery,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<string> {
  const { source } = planned
  if (!server || delivery.settled) {
    return delivery.job
  }
  const shown = showable(delivery)
  if (dev === 'wait') return shown
  // The limit starts with the job, so that a second request does not wait for the full time again.
  const leftMs = Math.max(0, delivery.startedAt + devWait.ms - performance.now())
  return (await withinLimit(shown, Math.min(limitMs, leftMs))) ?? source
}

/** Resolves with the first file that exists: the picture or its draft. Rejects with the job's error. */
function showable({ job, draft }: Delivery): Promise<string> {
  return Promise.race([job, draft])
}

/** Starts a picture that pages show when it is done, unless it has started. Modules of pages go first. */
export function showLater(state: PluginState, planned: PlannedCutout): Delivery {
  // A file in the cache is only verified.
  const start = existsSync(planned.file) ? undefined : () => untilQuiet(state.traffic)
  const delivery = openDelivery(state, planned, start)
  delivery.isShown = true
  return delivery
}

/** Starts a picture, unless it has started. In development the result is reported to the pages that show the picture. */
function openDelivery(state: PluginState, planned: PlannedCutout, start?: () => Promise<void>): Delivery {
  const { file } = planned
  const known = state.deliveries.get(file)
  if (known && (!known.settled || existsSync(file))) return known
  let onDraft = (_file: string) => {}
  const draft = new Promise<string>(resolve => {
    onDraft = resolve
  })
  const make = () => makePicture(state, planned, ({ file }) => onDraft(file))
  const job = start ? start().then(make) : make()
  const delivery: Delivery = {
    startedAt: performance.now(),
    job,
    draft,
    settled: false,
    isShown: false,
    late: new Set(),
  }
  void draft.then(() => renewPictures(state, planned))
  state.deliveries.set(file, delivery)
  job
    .catch(() => state.deliveries.delete(file))
    .finally(() => {
      delivery.settled = true
    })
  if (state.server) void follow(state, planned, delivery)
  return delivery
}

/** Replaces what pages show when the job is done, or reports the error. */
async function follow(state: PluginState, planned: PlannedCutout, delivery: Delivery): Promise<void> {
  const { source, site } = planned
  const { logger } = state.config
  const { dev } = state.options
  const seconds = () => formatSeconds(performance.now() - delivery.startedAt)
  let isLate = false
  try {
    if (dev === 'original' && !(await withinLimit(showable(delivery), devWait.ms))) {
      isLate = true
      logger.warn(
        `nobg: ${source} is not ready after ${seconds()}. The page shows the photograph until the cutout is ready.`,
      )
    }
    await delivery.job
    if (isLate && (delivery.late.size > 0 || hasStandIns(state, planned)))
      logger.info(`nobg: ${source} is ready after ${seconds()} and replaces the photograph.`)
    renewPictures(state, planned)
    if (delivery.late.size > 0) announceChange(state, source)
  } catch (error) {
    // An importer that waits reports the error itself.
    if (!delivery.isShown && delivery.late.size === 0) return
    const explained = explainError(error, source, site)
    const { message, frame = '', loc, code } = explained
    // A change of the photograph gives the picture another address.
    if (code === 'SOURCE_CHANGED') return
    // The message of core is the same for all pictures of a model.
    const reason = code === 'WEIGHTS_UNAVAILABLE' ? (error as Error).message : undefined
    if (!reason || !state.shownErrors.has(reason)) logger.error(message, { error: explained })
    if (reason) state.shownErrors.add(reason)
    state.server?.ws.send({ type: 'error', err: { message, frame, loc, stack: '', plugin: 'nobg' } })
  }
}

/** Waits for a promise; undefined after the limit. */
async function withinLimit<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const bound = new AbortController()
  try {
    return await Promise.race([promise, wait(ms, undefined, { signal: bound.signal })])
  } finally {
    bound.abort()
  }
}
