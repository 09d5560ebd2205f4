import {
  type CandidateEvent,
  type CandidateInfo,
  type CandidateRequest,
  type Notice,
  type PictureInfo,
  type PictureList,
  type ReviewSettings,
  TOKEN_HEADER,
} from '../../src/protocol.ts'

/** The server refused a request. */
class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(status: number, { message, hint }: Notice) {
    super(hint ? `${message} ${hint}` : message)
    this.status = status
  }
}

const token = document.querySelector<HTMLMetaElement>('meta[name="nobg-token"]')?.content ?? ''

export const readSettings = (): Promise<ReviewSettings> => readJson('api/settings')

export const listPictures = (since: number): Promise<PictureList> => readJson(`api/pictures?since=${since}`)

/** Saves a corrected matte: a PNG of the photograph's aspect ratio. */
export function saveMatte({ id, version }: PictureInfo, png: Blob): Promise<PictureInfo> {
  const body = { method: 'PUT', body: png, headers: { 'content-type': 'image/png', [TOKEN_HEADER]: token } }
  return readJson(`api/pictures/${id}/matte?version=${version}`, body)
}

export function markReviewed({ id, version }: PictureInfo): Promise<PictureInfo> {
  return readJson(`api/pictures/${id}/reviewed?version=${version}`, {
    method: 'POST',
    headers: { [TOKEN_HEADER]: token },
  })
}

/** Predicts a candidate. @param onProgress receives one sentence and a share in [0,1] */
export async function predictCandidate(
  { id }: PictureInfo,
  wanted: CandidateRequest,
  signal: AbortSignal,
  onProgress: (text: string, share: number) => void,
): Promise<CandidateInfo> {
  const headers = { 'content-type': 'application/json', [TOKEN_HEADER]: token }
  const { body } = await send(`api/pictures/${id}/candidates`, {
    method: 'POST',
    body: JSON.stringify(wanted),
    headers,
    signal,
  })
  for await (const event of readLines<CandidateEvent>(body!)) {
    if (event.type === 'candidate') return event.candidate
    if (event.type === 'error') throw new ApiError(422, event.error)
    onProgress(event.text, event.total > 0 ? event.done / event.total : 0)
  }
  throw new Error('The server ended the answer too early.')
}

/** URL of a preview. */
export function urlOf({ id, version }: PictureInfo, part: string, size: 'small' | 'large' = 'large'): string {
  return `api/pictures/${id}/${part}?version=${version}&size=${size}`
}

async function* readLines<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let rest = ''
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}

async function readJson<Value>(path: string, init?: RequestInit): Promise<Value> {
  return (await send(path, init)).json()
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init)
  if (response.ok) return response
  const body = await response.json().catch(() => undefined)
  const unknown = { code: '', message: `The server answers ${response.status}.` }
  throw new ApiError(response.status, body?.error ?? unknown)
}
