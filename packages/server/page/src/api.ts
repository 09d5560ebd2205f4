/** A client of this server's queue, by fal's protocol and plain fetch. */

/** A cutout in a result. */
export interface Cutout {
  file: Blob
  width: number
  height: number
  /** Id of the model that ran. */
  model: string | null
}

/** The status of a request. */
export interface Update {
  /** Number of requests ahead; undefined from the start of the run on. */
  ahead?: number
  /** New lines of the log. */
  lines: readonly string[]
}

/** The server answered with an error. `status` is the HTTP status, `code` nobg's code of an internal error. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string | null

  constructor({ status, headers }: Response, message: string) {
    super(message)
    this.status = status
    this.code = headers.get('x-nobg-error')
  }
}

interface Status {
  status: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
  queue_position?: number
  logs?: { message: string }[]
}

/**
 * Uploads a photograph, submits it, and fetches the result.
 *
 * @param key empty if the server needs none.
 * @param signal also cancels the request on the server.
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
    // A proxy may close a stream that takes long.
    while (state !== 'COMPLETED')
      for await (const update of readStream(`${request}/status/stream?logs=1`, { headers, signal })) {
        state = update.status
        onUpdate({ ahead: update.queue_position, lines: (update.logs ?? []).map(({ message }) => message) })
      }
    const result = await send(request, { headers, signal })
    const { image } = await result.json()
    const file = await (await send(findHere(image.url), { signal })).blob()
    return { file, width: image.width, height: image.height, model: result.headers.get('x-nobg-model') }
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
  throw new ApiError(response, explain(await response.json().catch(() => undefined), response))
}

/** @returns the message of an error of fal: a text or a list of problems */
function explain(body: { detail?: string | { msg: string }[] } | undefined, { status }: Response): string {
  const detail = body?.detail
  if (Array.isArray(detail)) return detail.map(({ msg }) => msg).join(' ')
  return detail ?? `The server answers ${status}.`
}

/** The server's public address may differ from the address of the page. */
function findHere(address: string): string {
  return address.replace(/^.*?\/(?=(?:files|uploads)\/[\w-]{43}(?:\/|$))/, '')
}
