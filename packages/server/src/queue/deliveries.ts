import type { CutoutRequest, Outcome } from '../requests/request.ts'
import type { Records, StoredRequest } from './records.ts'

export interface DeliverySettings {
  /** Is called when a request with a webhook has ended, and again after a restart if it has not resolved. */
  onFinished(request: Omit<CutoutRequest, 'input'>, outcome: Outcome): Promise<void>
}

/** Deliveries of webhooks, which the records note. */
export interface Deliveries {
  /** Delivers the webhook of a request that has ended, unless it has none or was delivered before. */
  deliver(stored: StoredRequest): Promise<void>
  isDelivering(id: string): boolean
  /** Nothing is noted any more. Resolves when nothing is written. */
  close(): Promise<void>
  /** Nothing is noted any more. */
  stop(): void
}

export function createDeliveries({ onFinished }: DeliverySettings, records: Records): Deliveries {
  const delivering = new Set<string>()
  const writes = new Set<Promise<unknown>>()
  let isClosed = false
  const stop = () => {
    isClosed = true
  }
  return {
    stop,
    isDelivering: id => delivering.has(id),
    async deliver(stored) {
      const { request, outcome, delivered } = stored
      if (!outcome || !request.webhookUrl || delivered) return
      delivering.add(request.id)
      try {
        await onFinished(request, outcome)
        // Another process may have the folder by now. Two deliveries are better than none.
        if (isClosed) return
        const written = records.write({ ...stored, delivered: true })
        writes.add(written)
        await written.finally(() => writes.delete(written))
      } finally {
        delivering.delete(request.id)
      }
    },
    async close() {
      stop()
      await Promise.allSettled(writes)
    },
  }
}
