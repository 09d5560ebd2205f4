import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { execa } from 'execa'
import type { Tarball } from './pack-packages.ts'

export interface Registry {
  url: string
  close(): void
}

/** The registry that npm is configured with. */
export async function readUpstream(): Promise<string> {
  const { stdout } = await execa('npm', ['config', 'get', 'registry'])
  return stdout.trim()
}

/** Serves packed packages, and forwards all other requests to another registry. */
export async function startRegistry(tarballs: readonly Tarball[], upstream: string): Promise<Registry> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const byName = new Map(tarballs.map(tarball => [tarball.manifest.name, tarball]))
  let url = ''

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', url).pathname).slice(1)
    const [, name, rest = ''] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(path) ?? []
    const tarball = byName.get(name)
    if (!tarball) return forward(request, response, upstream, url)
    if (!rest.startsWith('-/')) {
      const version = await describeVersion(tarball, url)
      return send(response, JSON.stringify(rest === '' ? describe(tarball, version) : version))
    }
    if (!tarball.path) return void response.writeHead(404).end()
    send(response, await readFile(tarball.path), 'application/octet-stream')
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function send(response: ServerResponse, body: string | Buffer, type = 'application/json'): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** The registry's document about a version of a package. */
async function describeVersion({ manifest, path }: Tarball, url: string): Promise<object> {
  const { name, version } = manifest
  const bytes = path ? await readFile(path) : Buffer.from(name)
  const dist = {
    tarball: `${url}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  }
  return { ...manifest, dist }
}

/** The registry's document about a package, which has one version. */
function describe({ manifest: { name, version } }: Tarball, document: object): object {
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: document },
    time: { [version]: '2026-01-01T00:00:00.000Z' },
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  url: string,
): Promise<void> {
  const { accept = '*/*' } = request.headers
  const answer = await fetch(new URL((request.url ?? '/').slice(1), upstream), {
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    headers: { accept },
  })
  const type = answer.headers.get('content-type') ?? 'application/octet-stream'
  response.writeHead(answer.status, { 'content-type': type })
  if (!answer.body) return void response.end()
  if (!type.includes('json')) {
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), response)
    return
  }
  // Tarballs come through this server too, so that one address is all that a package manager reaches.
  response.end((await answer.text()).replaceAll(upstream, `${url}/`))
}
