import { Hono } from 'hono'
import type { Metrics } from '../operations/metrics.ts'
import { readOpenApi } from '../operations/open-api.ts'
import { requireKey } from './keys.ts'

/** Metrics and health of the server. */
export interface Operations {
  metrics: Metrics
  /** @returns why the server should get no requests now; undefined if it is ready */
  findTrouble(): Promise<string | undefined>
}

/** `/healthz`, `/readyz`, `/metrics`, `/openapi.json`. Only `/metrics` needs a key: it shows the load by other clients. */
export function createOperationRoutes({ metrics, findTrouble }: Operations, keys: readonly string[]): Hono {
  return new Hono()
    .get('/healthz', context => context.json({ status: 'ok' }))
    .get('/readyz', async context => {
      const trouble = await findTrouble()
      return trouble
        ? context.json({ status: 'not ready', detail: trouble }, 503)
        : context.json({ status: 'ok' })
    })
    .get('/metrics', requireKey(keys), async context => {
      const { text, contentType } = await metrics.read()
      return context.body(text, 200, { 'content-type': contentType })
    })
    .get('/openapi.json', context => context.json(readOpenApi()))
}
