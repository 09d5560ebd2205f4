import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { PlannedCutout } from '../core/cutouts.ts'
import { explainError } from '../core/errors.ts'
import { formatSeconds } from '../progress/format.ts'
import { devWait } from './dev-wait.ts'
import { announceChange } from './hot.ts'
import type { Delivery, PluginState } from './state.ts'

/**
 * Waits for a picture. In development, the wait has a limit: after it, the photograph is served until the picture is ready.
 *
 * @returns absolute path of the file to serve.
 * @throws {LocatedError}
 */
export async function deliverCutout(state: PluginState, planned: PlannedCutout): Promise<string> {
  const { dev } = state.options
  const { importerId } = planned.site
  const delivery = openDelivery(state, planned)
  try {
    if (!state.server || dev === 'wait') {
      await delivery.job
      return planned.file
    }
    // The limit starts with the job, so that a second request does not wait for the full time again.
    const leftMs = Math.max(0, delivery.startedAt + devWait.ms - performance.now())
    const inTime = await settlesWithin(delivery.job, leftMs)
    if (inTime || delivery.settled) {
      await delivery.job
      return planned.file
    }
    if (importerId !== undefined) delivery.late.add(importerId)
    return planned.source
  } catch (error) {
    throw explainError(error, planned.source, planned.site)
  }
}

function openDelivery(state: PluginState, planned: PlannedCutout): Delivery {
  const { file } = planned
  const known = state.deliveries.get(file)
  if (known && (!known.settled || existsSync(file))) return known
  const job = state.cutouts.ensure(planned)
  const delivery: Delivery = { startedAt: performance.now(), job, settled: false, late: new Set() }
  state.deliveries.set(file, delivery)
  job
    .catch(() => state.deliveries.delete(file))
    .finally(() => {
      delivery.settled = true
    })
  if (state.server) void replaceLater(state, planned, delivery)
  return delivery
}

/** Replaces a served photograph when the job is done, or reports the error to the pages that show the photograph. */
async function replaceLater(
  state: PluginState,
  { source, site }: PlannedCutout,
  delivery: Delivery,
): Promise<void> {
  const { logger } = state.config
  const seconds = () => formatSeconds(performance.now() - delivery.startedAt)
  try {
    const { dev } = state.options
    if (dev === 'original' && !(await settlesWithin(delivery.job, devWait.ms))) {
      logger.warn(
        `nobg: ${source} is not ready after ${seconds()}. nobg shows the original until the cutout is done.`,
      )
    }
    await delivery.job
    if (delivery.late.size === 0) return
    logger.info(`nobg: ${source} is ready after ${seconds()} and replaces the original.`)
    announceChange(state, source)
  } catch (error) {
    if (delivery.late.size === 0) return
    const { message, frame = '', loc } = explainError(error, source, site)
    logger.error(message)
    state.server?.ws.send({ type: 'error', err: { message, frame, loc, stack: '', plugin: 'nobg' } })
  }
}

async function settlesWithin(job: Promise<void>, ms: number): Promise<boolean> {
  const bound = new AbortController()
  try {
    return await Promise.race([job.then(() => true), wait(ms, false, { signal: bound.signal })])
  } finally {
    bound.abort()
  }
}
