import { Hono } from 'hono'
import type { Metrics } from '../operations/metrics.ts'
import { createOpenApi } from '../operations/open-api.ts'
import { requireKey } from './keys.ts'

/** What those who run the server look at. */
export interface Operations {
  metrics: Metrics
  /** Why no request should come here now; undefined where all is well. */
  findTrouble(): Promise<string | undefined>
}

/** `/healthz`, `/readyz`, `/metrics`, `/openapi.json`. Numbers of what others do are for those with a key. */
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
    .get('/openapi.json', context => context.json(createOpenApi()))
}
