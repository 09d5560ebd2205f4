import { createServer } from '@nobg/server'

/** The small model that is part of nobg replaces fal's models, so that this example runs offline. */
export const openServer = () =>
  createServer({ dataDir: '.nobg-cache/server', engine: { substitute: 'u2netp' } })

if (import.meta.main) {
  const server = await openServer()
  console.log(`nobg answers fal's client at ${await server.listen({ port: 3000 })}`)
}
