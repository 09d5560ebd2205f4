import { relative, resolve, sep } from 'node:path'
import { type Config, createModelLibrary, createRemover, type Remover } from '@nobg/core'
import { formatBytes, openMatteEditor, resolveConfig } from '@nobg/core/internal'
import { createCandidates } from './candidates.ts'
import { createGuard } from './guard.ts'
import { openPage } from './page.ts'
import { createPictures, type Entry, type ReviewedPicture } from './pictures.ts'
import { createPreviews, type EditPreview, type Encoded } from './previews.ts'
import type { ReviewSettings } from './protocol.ts'
import { readBody } from './read-body.ts'
import { HttpError, respondBytes, respondError, respondJson } from './respond.ts'
import { createSlots } from './slots.ts'

/** What a review needs from its host. */
export interface ReviewOptions {
  /** Config of the host's remover: the mattes are read and written with its `root` and `mattes`. */
  config?: Config
  /** The host's remover. Default: a new one with `config`. */
  remover?: Remover
  /** Lists the pictures that the project uses. Called with each request for the list. */
  listPictures: () => Iterable<ReviewedPicture> | Promise<Iterable<ReviewedPicture>>
  /** URL path of the page, with a slash at both ends. Default: `/`. */
  base?: string
  /** Host names besides localhost at which the page may be opened; `.example.com` includes subdomains. */
  allowedHosts?: readonly string[]
  /** Called after a matte of a photograph was written. */
  onSaved?: (path: string, matteFile: string) => void
  /** Absolute path of the built page. Default: the one in this package. */
  page?: string
}

/** A review of the mattes of one project. */
export interface Review {
  /** URL path of the page. */
  readonly base: string
  /** Answers the requests of the page. A path outside `base` is answered with 404. */
  fetch(request: Request): Promise<Response>
  /** Checks the pictures of a photograph again, after it or its matte has changed. */
  refresh(path: string): void
  /** Ends the remover that the review has created, if it has. */
  close(): Promise<void>
}

/** Largest matte that the page may send, bytes: a PNG of 2048 × 2048 noise in gray has 4.2 MB, in RGBA 17 MB. */
const MAX_MATTE_BYTES = 32 * 2 ** 20
const MAX_JSON_BYTES = 10_000

/**
 * Creates the review of a project's mattes. Reads nothing until the first request.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL if core rejects the config
 */
export function createReview(options: ReviewOptions): Review {
  const { config = {}, listPictures, base = '/', onSaved = () => {} } = options
  const { root, mattes, quality } = resolveConfig(config)
  // A review shows doubtful mattes: they must be no errors.
  const isOwnRemover = !options.remover || quality === 'error'
  const remover =
    isOwnRemover || !options.remover ? createRemover({ ...config, quality: 'warn' }) : options.remover
  const guard = createGuard(options.allowedHosts)
  const page = openPage(options.page ?? resolve(import.meta.dirname, '../dist/page'))
  const editor = openMatteEditor(config)
  const pictures = createPictures({ listPictures, remover, editor, root })
  const previews = createPreviews(remover)
  const candidates = createCandidates(remover)
  const thumbnailSlots = createSlots(remover.concurrency)

  const getEdit = async (entry: Entry) => previews.getEdit(await pictures.plan(entry), entry.picture)

  async function readSettings(): Promise<ReviewSettings> {
    const listed = await createModelLibrary(config).list()
    const models = listed.map(({ model: { id, purpose, license, bytes }, installed }) => ({
      id,
      about: [purpose && `For ${purpose}`, license].filter(Boolean).join('; '),
      download: !installed && bytes ? formatBytes(bytes) : undefined,
    }))
    return { models, mattes: mattes && relative(root, mattes).split(sep).join('/') }
  }

  async function saveMatte(entry: Entry, request: Request): Promise<Response> {
    refuseOld(entry, request)
    const image = await readBody(request, 'image/png', MAX_MATTE_BYTES)
    const { picture } = await getEdit(entry)
    const file = await editor.save(await pictures.plan(entry), image, picture)
    return finish(entry, file)
  }

  async function markReviewed(entry: Entry, request: Request): Promise<Response> {
    refuseOld(entry, request)
    const plan = await pictures.plan(entry)
    const isFile = plan.matte.origin !== 'predicted'
    const { matte, picture } = await getEdit(entry)
    // A predicted matte is reviewed by keeping it.
    const file = isFile ? await editor.review(plan) : await editor.save(plan, matte.bytes, picture)
    return finish(entry, file)
  }

  async function finish(entry: Entry, file: string): Promise<Response> {
    const info = await pictures.refresh(entry)
    onSaved(entry.picture.path, file)
    return respondJson(info)
  }

  async function respondPicture(
    entry: Entry,
    kind: string,
    url: URL,
    signal: AbortSignal,
  ): Promise<Response> {
    const isThumbnail = url.searchParams.get('size') === 'small'
    if (isThumbnail && (kind === 'photograph' || kind === 'cutout')) {
      const make = async () => previews.getThumbnail(await pictures.plan(entry), entry.picture, kind)
      return respondEncoded(await thumbnailSlots.run(make, signal), entry, url)
    }
    return respondEncoded(select(await getEdit(entry), kind), entry, url)
  }

  async function respondApi(request: Request, url: URL, words: string[]): Promise<Response> {
    const [collection, id = '', kind = '', candidate = '', part = ''] = words
    const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${collection}`
    if (route === 'GET settings' && !id) return respondJson(await readSettings())
    if (route === 'GET pictures' && !id) {
      return respondJson(await pictures.list(Number(url.searchParams.get('since')) || 0))
    }
    if (collection !== 'pictures') throw new HttpError(404, 'Expected a path of the review.')
    const entry = await pictures.find(id)
    if (route === 'GET pictures' && kind === 'candidates') {
      return respondEncoded(select(candidates.find(id, candidate), part), entry, url)
    }
    if (route === 'GET pictures') return respondPicture(entry, kind, url, request.signal)
    if (route === 'PUT pictures' && kind === 'matte') return saveMatte(entry, request)
    if (route === 'POST pictures' && kind === 'reviewed') return markReviewed(entry, request)
    if (route === 'POST pictures' && kind === 'candidates') {
      return candidates.predict(
        entry,
        await readBody(request, 'application/json', MAX_JSON_BYTES),
        request.signal,
      )
    }
    throw new HttpError(405, `${request.method} is not possible here.`)
  }

  async function respond(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const refusal = guard.refuse(request)
    if (refusal) throw new HttpError(403, refusal)
    if (`${url.pathname}/` === base) return Response.redirect(new URL(base, url), 302)
    if (!url.pathname.startsWith(base)) throw new HttpError(404, 'Expected a path of the review.')
    const [first, ...words] = url.pathname.slice(base.length).split('/')
    if (first === 'api') return respondApi(request, url, words)
    if (request.method !== 'GET') throw new HttpError(405, `${request.method} is not possible here.`)
    if (first === '' && words.length === 0) return page.respond(guard.token)
    if (first === 'assets' && words.length === 1) return page.respondAsset(words[0])
    throw new HttpError(404, 'Expected a path of the review.')
  }

  /** Requests without an answer. The signal of a Request fires only as long as something refers to the Request. */
  const open = new Set<Request>()

  async function answer(request: Request): Promise<Response> {
    open.add(request)
    try {
      return await respond(request)
    } catch (error) {
      return respondError(error)
    } finally {
      open.delete(request)
    }
  }

  return {
    base,
    fetch: answer,
    refresh: path => pictures.refreshPath(path),
    close: async () => (isOwnRemover ? remover.close() : undefined),
  }
}

/** A correction must not replace the matte of a photograph that has changed in the meantime. @throws {HttpError} 409 */
function refuseOld({ info }: Entry, { url }: Request): void {
  if (new URL(url).searchParams.get('version') === info.version) return
  throw new HttpError(409, 'The picture has changed since the page was loaded. Reload the page.')
}

function select(preview: EditPreview, kind: string): Encoded {
  if (kind === 'photograph' || kind === 'matte' || kind === 'cutout') return preview[kind]
  throw new HttpError(404, 'Expected photograph, matte or cutout.')
}

/** The browser keeps a preview as long as its version is current. */
function respondEncoded({ bytes, type }: Encoded, { info }: Entry, url: URL): Response {
  const isCurrent = info.version !== '' && url.searchParams.get('version') === info.version
  return respondBytes(bytes, type, {
    'cache-control': isCurrent ? 'private, max-age=31536000, immutable' : 'no-store',
  })
}
