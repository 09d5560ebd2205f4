import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { PlannedCutout } from '../cutouts.ts'
import { explainError, type Mention } from '../explain.ts'
import { formatSeconds } from '../format.ts'
import type { Delivery, Door } from './door.ts'
import { announceChange } from './hot.ts'

/**
 * Waits for a picture; in development no longer than the bound, after which the photograph stands in and is replaced by
 * itself.
 *
 * @param importerId id of the module or page that asks.
 * @returns absolute path of what to serve.
 * @throws {LocatedError}
 */
export async function deliverCutout(
  door: Door,
  planned: PlannedCutout,
  mention: Mention,
  importerId: string | undefined,
): Promise<string> {
  const { dev, devWaitMs } = door.options
  const delivery = openDelivery(door, planned, mention)
  try {
    if (!door.server || dev === 'wait') {
      await delivery.job
      return planned.file
    }
    // Counted from the start of the work: whoever asks again does not wait all over again.
    const leftMs = Math.max(0, delivery.startedAt + devWaitMs - performance.now())
    const inTime = await settlesWithin(delivery.job, leftMs)
    if (inTime || delivery.settled) {
      await delivery.job
      return planned.file
    }
    if (importerId !== undefined) delivery.late.add(importerId)
    return planned.source
  } catch (error) {
    throw explainError(error, planned.source, mention)
  }
}

function openDelivery(door: Door, planned: PlannedCutout, mention: Mention): Delivery {
  const { file } = planned
  const known = door.deliveries.get(file)
  if (known && (!known.settled || existsSync(file))) return known
  const job = door.cutouts.ensure(planned)
  const delivery: Delivery = { startedAt: performance.now(), job, settled: false, late: new Set() }
  door.deliveries.set(file, delivery)
  job
    .catch(() => door.deliveries.delete(file))
    .finally(() => {
      delivery.settled = true
    })
  if (door.server) void replaceLater(door, planned, mention, delivery)
  return delivery
}

/** When the work ends after all, the photograph is replaced, or the reason told to those who saw it. */
async function replaceLater(
  door: Door,
  { source }: PlannedCutout,
  mention: Mention,
  delivery: Delivery,
): Promise<void> {
  const { logger } = door.config
  const seconds = () => formatSeconds(performance.now() - delivery.startedAt)
  try {
    const { dev, devWaitMs } = door.options
    if (dev === 'original' && !(await settlesWithin(delivery.job, devWaitMs))) {
      logger.warn(`nobg: ${source} is not ready after ${seconds()}: the original is shown until it is.`)
    }
    await delivery.job
    if (delivery.late.size === 0) return
    logger.info(`nobg: ${source} is ready after ${seconds()} and replaces the original.`)
    announceChange(door, source)
  } catch (error) {
    if (delivery.late.size === 0) return
    const { message, frame = '', loc } = explainError(error, source, mention)
    logger.error(message)
    door.server?.ws.send({ type: 'error', err: { message, frame, loc, stack: '', plugin: 'nobg' } })
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
