import { Readable } from 'node:stream'
import { NobgError } from '@nobg/core'
import { AwsClient } from 'aws4fetch'
import { createStorage, type Driver } from 'unstorage'
import { countPieces, type StreamedStorage, type Streams } from './content.ts'

/**
 * Opens a bucket of S3, by `s3://bucket?endpoint=https://…&region=…&style=…` and the keys in `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Not unstorage's driver, which has no session tokens, no virtual hosts and no
 * streams, and takes a missing bucket for success.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function openS3(address: URL): Required<StreamedStorage> {
  const { bucket, urlOf, client } = readAddress(address)

  /** @returns undefined for a 404 of a read @throws for other answers than success */
  async function call(
    key: string,
    init: RequestInit & { duplex?: 'half' } = {},
  ): Promise<Response | undefined> {
    const { method = 'GET' } = init
    const response = await fetch(await client.sign(urlOf(key), init))
    if (response.ok) return response
    const text = await readStart(response)
    if (response.status === 404 && method !== 'PUT') return undefined
    const [, code = ''] = /<Code>(\w{1,64})<\/Code>/.exec(text) ?? []
    throw new Error(
      `Expected the bucket ${bucket} to accept a ${method} request, got ${response.status} ${code}.`,
    )
  }

  async function put(key: string, body: NonNullable<RequestInit['body']>): Promise<void> {
    await (await call(key, { method: 'PUT', body }))?.arrayBuffer()
  }
  const driver: Driver = {
    name: 's3',
    hasItem: async key => (await call(key, { method: 'HEAD' })) !== undefined,
    getItem: async key => (await (await call(key))?.text()) ?? null,
    getItemRaw: async key => (await call(key))?.bytes(),
    setItem: put,
    setItemRaw: put,
    removeItem: async key => void (await (await call(key, { method: 'DELETE' }))?.arrayBuffer()),
    // A rule of the bucket removes expired files.
    getKeys: () => [],
  }
  const streams: Streams = {
    async write(key, content) {
      // S3 refuses a body without a length.
      const headers = { 'content-length': String(content.size) }
      const body = Readable.toWeb(Readable.from(countPieces(content))) as RequestInit['body']
      await (await call(key, { method: 'PUT', body, headers, duplex: 'half' }))?.arrayBuffer()
    },
    async readRange(key, start, end) {
      const response = await call(key, { headers: { range: `bytes=${start}-${end - 1}` } })
      if (response?.status === 206) return response.bytes()
      await response?.body?.cancel()
      throw new Error(`Expected bytes ${start} to ${end} of a file, got status ${response?.status ?? 404}.`)
    },
    async measure(key) {
      const length = (await call(key, { method: 'HEAD' }))?.headers.get('content-length')
      return length ? Number(length) : undefined
    },
  }
  return { storage: createStorage({ driver }), streams }
}

/** An error of S3 is shorter, in characters. An endpoint that is no S3 may answer without end. */
const MAX_ERROR = 65_536

async function readStart({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true })
    // Leaving the loop cancels the body.
    if (text.length > MAX_ERROR) break
  }
  return text
}

const KEYS_HINT = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and write s3://bucket?endpoint=https://….'

function readAddress({ hostname: bucket, pathname, searchParams }: URL) {
  if (pathname.length > 1)
    throw new NobgError('INVALID_OPTION', `storage: expected s3://bucket without a path, got ${pathname}.`, {
      hint: 'Give nobg a bucket without other files: it stores files at the root.',
    })
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN,
  } = process.env
  const endpoint = searchParams.get('endpoint')
  const given = { bucket, endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const missing = Object.entries(given).find(([, value]) => !value)?.[0]
  if (!accessKeyId || !secretAccessKey || !endpoint || missing)
    throw new NobgError('INVALID_OPTION', `storage: expected ${missing}, got nothing.`, { hint: KEYS_HINT })
  const base = readEndpoint(endpoint, bucket, searchParams.get('style') ?? 'path')
  const region = searchParams.get('region') ?? 'auto'
  const sessionToken = AWS_SESSION_TOKEN || undefined
  return {
    bucket,
    client: new AwsClient({ service: 's3', accessKeyId, secretAccessKey, sessionToken, region }),
    urlOf: (key: string) => `${base}/${key.split(':').map(encodeURIComponent).join('/')}`,
  }
}

/** @returns the address of the bucket without a slash at its end */
function readEndpoint(endpoint: string, bucket: string, style: string): string {
  const url = URL.parse(endpoint)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new NobgError('INVALID_OPTION', 'storage: expected an http or https URL as endpoint.', {
      hint: KEYS_HINT,
    })
  if (style !== 'path' && style !== 'virtual')
    throw new NobgError('INVALID_OPTION', `storage: expected style=path or style=virtual, got ${style}.`, {
      hint: 'Write style=path for URLs such as https://endpoint/bucket/key, or style=virtual for https://bucket.endpoint/key.',
    })
  if (style === 'virtual') url.host = `${bucket}.${url.host}`
  const base = url.href.replace(/\/+$/, '')
  return style === 'virtual' ? base : `${base}/${bucket}`
}
