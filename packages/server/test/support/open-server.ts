import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFalClient, type FalClient } from '@fal-ai/client'
import { createServer, type NobgServer, type ServerConfig } from '../../src/index.ts'

export const key = 'id:secret'

/** A server on this machine and its client. */
export interface TestServer extends AsyncDisposable {
  server: NobgServer
  url: string
  dataDir: string
  /** fal's client with the proxy route of the server. */
  fal: FalClient
}

/** Opens a server with the embedded model, in a new folder by default. Disposal removes the folder. */
export async function openServer(config: ServerConfig = {}, host?: string): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-server-'))
  const dataDir = config.dataDir ?? join(dir, 'data')
  const server = await createServer({
    keys: [key],
    logger: { ...quiet, error() {} },
    ...config,
    dataDir,
    engine: {
      substitute: 'u2netp',
      cacheDir: join(dir, 'cache'),
      download: false,
      logger: quiet,
      ...config.engine,
    },
  })
  const url = await server.listen({ port: 0, host })
  return {
    server,
    url,
    dataDir,
    fal: createClient(url),
    async [Symbol.asyncDispose]() {
      await server.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** fal's client with the proxy route of a server. */
export function createClient(url: string, credentials: string | undefined = key): FalClient {
  return createFalClient({ credentials, proxyUrl: { url: `${url}/api/fal/proxy`, when: 'always' } })
}

const quiet = { info() {}, warn() {} }
