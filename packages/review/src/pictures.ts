import { basename, relative, sep } from 'node:path'
import type { Plan, RemovalOptions, Remover } from '@nobg/core'
import { digestBytesSync, type MatteEditor } from '@nobg/core/internal'
import type { PictureInfo, PictureList } from './protocol.ts'
import { explain, HttpError } from './respond.ts'

/** A picture that the host uses. */
export interface ReviewedPicture {
  /** Absolute path of the photograph. */
  path: string
  options: Omit<RemovalOptions, 'signal' | 'onProgress'>
  /** Absolute paths of the files that import the picture. */
  importedBy?: readonly string[]
}

/** A listed picture and what is known about it. */
export interface Entry {
  picture: ReviewedPicture
  info: PictureInfo
  revision: number
  /** The check that runs or has ended. */
  check: Promise<void> | undefined
}

/** The pictures of the host, by id. Each is checked once, and again after {@link Pictures.refresh}. */
export interface Pictures {
  /** Lists the pictures, and starts to check new ones. `since` 0 checks all again. */
  list(since: number): Promise<PictureList>
  /** Returns a listed picture. @throws {HttpError} 404 */
  find(id: string): Promise<Entry>
  /** Plans a picture. @throws {NobgError} as `Remover.plan` */
  plan(entry: Entry): Promise<Plan>
  /** Checks a picture again, and returns it. */
  refresh(entry: Entry): Promise<PictureInfo>
  /** Checks the pictures of a photograph again. */
  refreshPath(path: string): void
}

interface Settings {
  listPictures: () => Iterable<ReviewedPicture> | Promise<Iterable<ReviewedPicture>>
  remover: Remover
  editor: MatteEditor
  /** Absolute path of the project. */
  root: string
}

export function createPictures({ listPictures, remover, editor, root }: Settings): Pictures {
  const entries = new Map<string, Entry>()
  const queue: Entry[] = []
  let revision = 0
  let running = 0

  const nameFile = (path: string) => relative(root, path).split(sep).join('/')

  function update(entry: Entry, change: Partial<PictureInfo>): void {
    revision += 1
    entry.revision = revision
    entry.info = { ...entry.info, ...change }
  }

  async function sync(): Promise<void> {
    const listed = new Map<string, ReviewedPicture>()
    for (const picture of await listPictures()) {
      const id = identify(picture)
      const importedBy = [...(listed.get(id)?.importedBy ?? []), ...(picture.importedBy ?? [])]
      listed.set(id, { ...picture, importedBy })
    }
    for (const id of entries.keys()) {
      if (listed.has(id)) continue
      entries.delete(id)
      revision += 1
    }
    for (const [id, picture] of listed) {
      const importedBy = [...new Set(picture.importedBy?.map(nameFile))].sort()
      const known = entries.get(id)
      if (!known) entries.set(id, createEntry(id, picture, importedBy))
      else if (known.info.importedBy.join() !== importedBy.join()) update(known, { importedBy })
    }
  }

  function createEntry(id: string, picture: ReviewedPicture, importedBy: string[]): Entry {
    revision += 1
    const info: PictureInfo = {
      id,
      name: basename(picture.path),
      path: nameFile(picture.path),
      importedBy,
      state: 'waiting',
      version: '',
      model: String(picture.options.model ?? ''),
      operatingResolution: 0,
      origin: 'predicted',
      matteFile: undefined,
      isByHand: false,
      isReviewed: false,
      findings: [],
      error: undefined,
    }
    return { picture, info, revision, check: undefined }
  }

  const plan = ({ picture }: Entry) => remover.plan(picture.path, picture.options)

  function checkLater(entry: Entry): void {
    if (queue.includes(entry)) return
    queue.push(entry)
    while (running < remover.concurrency && queue.length > 0) void work()
  }

  async function work(): Promise<void> {
    running += 1
    for (let entry = queue.shift(); entry; entry = queue.shift()) await check(entry)
    running -= 1
  }

  function check(entry: Entry): Promise<void> {
    entry.check = runCheck(entry)
    return entry.check
  }

  async function runCheck(entry: Entry): Promise<void> {
    // A picture that is checked again stays as it is until then.
    if (entry.info.state === 'waiting') update(entry, { state: 'checking' })
    try {
      const first = await plan(entry)
      describePlan(entry, first)
      const { findings } = await remover.ensure(first).catch(async error => {
        await describeMatte(entry, first)
        throw error
      })
      // Making the picture may have kept its matte.
      await describeMatte(entry, await plan(entry))
      update(entry, { state: 'ready', findings: [...findings], error: undefined })
    } catch (error) {
      update(entry, { state: 'failed', findings: [], error: explain(error) })
    }
  }

  function describePlan(entry: Entry, { model, operatingResolution, key }: Plan): void {
    update(entry, { model: model.id, operatingResolution, version: key.slice(0, 16) })
  }

  async function describeMatte(entry: Entry, plan: Plan): Promise<void> {
    const { file, isByHand, isReviewed } = await editor.describe(plan)
    const matteFile = file && nameFile(file)
    describePlan(entry, plan)
    update(entry, { origin: plan.matte.origin, matteFile, isByHand, isReviewed })
  }

  return {
    plan,
    async list(since) {
      await sync()
      const all = [...entries.values()]
      for (const entry of all) {
        const isIdle = entry.info.state === 'ready' || entry.info.state === 'failed'
        if (!entry.check && !queue.includes(entry)) checkLater(entry)
        else if (since === 0 && isIdle) checkLater(entry)
      }
      const changed = all.filter(entry => entry.revision > since)
      return { revision, ids: [...entries.keys()], pictures: changed.map(({ info }) => info) }
    },
    async find(id) {
      if (!entries.has(id)) await sync()
      const entry = entries.get(id)
      if (!entry) throw new HttpError(404, 'Expected the id of a listed picture.')
      return entry
    },
    async refresh(entry) {
      await check(entry)
      return entry.info
    },
    refreshPath(path) {
      for (const entry of entries.values()) if (entry.picture.path === path && entry.check) checkLater(entry)
    },
  }
}

/** Equal for equal pictures of different runs, and for one picture in several formats. */
function identify({ path, options }: ReviewedPicture): string {
  const { outputFormat: _, outputQuality: __, outputLossless: ___, ...others } = options
  return digestBytesSync(JSON.stringify([path, others])).slice(0, 16)
}
