/** fal's queue, as this server speaks it, in plain fetch. */

/** A cut-out as it comes back. */
export interface Cutout {
  file: Blob
  width: number
  height: number
}

/** How far a request is. */
export interface Update {
  /** Requests ahead; undefined once it runs. */
  ahead?: number
  /** Lines that are new. */
  lines: readonly string[]
}

/** The server says no. `status` is HTTP's. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Status {
  status: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
  queue_position?: number
  logs?: { message: string }[]
}

/**
 * Uploads a photograph, has it cut out, and fetches what comes of it.
 *
 * @param key empty where the server wants none.
 * @param signal cancels the request on the server, too.
 * @throws {ApiError}
 */
export async function cutOut(
  photo: Blob & { name?: string },
  input: Record<string, unknown>,
  { key, signal, onUpdate }: { key: string; signal: AbortSignal; onUpdate(update: Update): void },
): Promise<Cutout> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(key && { authorization: `Key ${key}` }),
  }
  const post = (path: string, body: object) =>
    send(path, { method: 'POST', headers, body: JSON.stringify(body), signal })
  const upload = await post('rest.fal.ai/storage/upload/initiate', {
    content_type: photo.type,
    file_name: photo.name,
  }).then(response => response.json())
  await send(findHere(upload.upload_url), { method: 'PUT', body: photo, signal })

  const app = 'queue.fal.run/fal-ai/birefnet'
  const { request_id } = await (await post(app, { ...input, image_url: upload.file_url })).json()
  const request = `${app}/requests/${request_id}`
  const cancel = () => void fetch(`${request}/cancel`, { method: 'PUT', headers })
  signal.addEventListener('abort', cancel, { once: true })
  try {
    let state: Status['status'] = 'IN_QUEUE'
    // What stands between may cut a stream that takes long.
    while (state !== 'COMPLETED')
      for await (const update of readStream(`${request}/status/stream?logs=1`, { headers, signal })) {
        state = update.status
        onUpdate({ ahead: update.queue_position, lines: (update.logs ?? []).map(({ message }) => message) })
      }
    const { image } = await (await send(request, { headers, signal })).json()
    const file = await (await send(findHere(image.url), { signal })).blob()
    return { file, width: image.width, height: image.height }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function* readStream(path: string, init: RequestInit): AsyncGenerator<Status> {
  const { body } = await send(path, init)
  let rest = ''
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (rest + part.value).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) if (event.startsWith('data:')) yield JSON.parse(event.slice('data:'.length))
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init)
  if (response.ok) return response
  throw new ApiError(response.status, explain(await response.json().catch(() => undefined), response))
}

/** fal's errors are a text, or a list of what is wrong. */
function explain(body: { detail?: string | { msg: string }[] } | undefined, { status }: Response): string {
  const detail = body?.detail
  if (Array.isArray(detail)) return detail.map(({ msg }) => msg).join(' ')
  return detail ?? `The server answers ${status}.`
}

/** The server's public address need not be the one that the page came by. */
function findHere(address: string): string {
  return address.replace(/^.*?\/(?=(?:files|uploads)\/[\w-]{43}(?:\/|$))/, '')
}
