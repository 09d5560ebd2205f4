import { randomBytes } from 'node:crypto'
import { type Progress, parseOptions, type Remover } from '@nobg/core'
import { formatBytes, z } from '@nobg/core/internal'
import type { Entry } from './pictures.ts'
import { createEditPreview, EDIT_OPTIONS, type EditPreview } from './previews.ts'
import type { CandidateEvent, CandidateInfo } from './protocol.ts'
import { explain, HttpError } from './respond.ts'

/** Candidates in memory, of all pictures. */
const MAX_CANDIDATES = 16

const requestSchema = z.strictObject({
  model: z.string().min(1).max(100),
  operatingResolution: z.number().int().min(32).max(4096).optional(),
  matteUpsampling: z.enum(['guided', 'bilinear']).optional(),
  refineForeground: z.boolean().optional(),
})

/** Mattes that are predicted to compare them, and are not kept. */
export interface Candidates {
  /** Predicts a candidate. The answer is a stream of JSON lines, see `CandidateEvent`. @throws {HttpError} 400 */
  predict(entry: Entry, body: Uint8Array, signal: AbortSignal): Response
  /** @throws {HttpError} 404 */
  find(pictureId: string, id: string): EditPreview
}

export function createCandidates(remover: Remover): Candidates {
  const held = new Map<string, EditPreview>()

  async function run(
    { picture, info }: Entry,
    wanted: z.output<typeof requestSchema>,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<CandidateInfo> {
    const { operatingResolution: _, ...rest } = picture.options
    // `matte: false` predicts, and keeps nothing.
    const options = { ...rest, ...wanted, ...EDIT_OPTIONS, matte: false } as const
    const plan = await remover.plan(picture.path, options)
    const made = await remover.composeCutout(picture.path, { ...options, signal, onProgress })
    const preview = await createEditPreview(await plan.source.bytes(), made)
    const id = randomBytes(8).toString('hex')
    held.set(`${info.id} ${id}`, preview)
    for (const key of held.keys()) {
      if (held.size <= MAX_CANDIDATES) break
      held.delete(key)
    }
    return {
      id,
      model: plan.model.id,
      operatingResolution: plan.operatingResolution,
      findings: made.findings,
    }
  }

  return {
    predict(entry, body, signal) {
      const wanted = parseRequest(body)
      const lines = new TransformStream<CandidateEvent, Uint8Array>({
        transform(event, controller) {
          controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`))
        },
      })
      const writer = lines.writable.getWriter()
      const send = (event: CandidateEvent) => void writer.write(event).catch(() => {})
      run(entry, wanted, signal, progress => send({ type: 'progress', ...describeProgress(progress) }))
        .then(
          candidate => send({ type: 'candidate', candidate }),
          error => send({ type: 'error', error: explain(error) }),
        )
        .finally(() => writer.close().catch(() => {}))
      return new Response(lines.readable, {
        headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
      })
    },
    find(pictureId, id) {
      const preview = held.get(`${pictureId} ${id}`)
      if (!preview) throw new HttpError(404, 'Expected the id of a candidate that is still in memory.')
      return preview
    },
  }
}

function parseRequest(body: Uint8Array): z.output<typeof requestSchema> {
  try {
    const wanted = requestSchema.parse(JSON.parse(Buffer.from(body).toString()))
    parseOptions(wanted)
    return wanted
  } catch {
    throw new HttpError(400, 'Expected a model, and a resolution from 32 to 4096 px.')
  }
}

function describeProgress({ stage, done, total }: Progress) {
  const texts = {
    download: `Downloading the weights: ${formatBytes(done)} of ${formatBytes(total)}`,
    queue: done < total ? `Waiting for ${total} ${total === 1 ? 'picture' : 'pictures'}` : 'Waiting',
    inference: 'The model runs',
    encode: 'Composing',
  }
  return { text: texts[stage], done, total }
}
