import type { PictureInfo } from '../../src/protocol.ts'
import { listPictures } from './api.ts'
import { find } from './find.ts'

/** Time between two requests for the list, ms: while pictures are checked, and afterwards. */
const [BUSY_MS, IDLE_MS] = [700, 4000]

/** Much faster than `localeCompare` for hundreds of paths. */
const byPath = new Intl.Collator('en', { numeric: true })

const known = new Map<string, PictureInfo>()
let order: string[] = []
let revision = 0

/** The pictures of the project, kept up to date. */
export const pictures = {
  /** Doubtful pictures first. */
  list(): PictureInfo[] {
    const listed = order.flatMap(id => known.get(id) ?? [])
    return listed.sort((a, b) => rank(a) - rank(b) || byPath.compare(a.path, b.path))
  },
  get: (id: string): PictureInfo | undefined => known.get(id),
  set(info: PictureInfo): void {
    known.set(info.id, info)
  },
}

/** Whether somebody should look at the picture. */
export function isDoubtful({ state, findings, isReviewed }: PictureInfo): boolean {
  return state === 'failed' || (findings.length > 0 && !isReviewed)
}

export function isPending({ state }: PictureInfo): boolean {
  return state === 'waiting' || state === 'checking'
}

function rank(info: PictureInfo): number {
  return isDoubtful(info) ? 0 : isPending(info) ? 2 : 1
}

/** Calls back with each change of the list, until the page ends. */
export async function followPictures(onChange: () => void): Promise<void> {
  for (;;) {
    // The first request starts to check all pictures again.
    const isFirst = revision === 0
    if (!document.hidden || isFirst) await update(onChange)
    const isBusy = isFirst || [...known.values()].some(isPending)
    await new Promise(resolve => setTimeout(resolve, isBusy ? BUSY_MS : IDLE_MS))
  }
}

async function update(onChange: () => void): Promise<void> {
  const problem = find('problem')
  try {
    const list = await listPictures(revision)
    // A lower revision: the server was started again.
    if (list.revision < revision) location.reload()
    const isChanged = list.revision > revision
    revision = list.revision
    order = list.ids
    for (const info of list.pictures) known.set(info.id, info)
    problem.textContent = ''
    if (isChanged) onChange()
  } catch (error) {
    const isReached = (error as Error).name === 'ApiError'
    problem.textContent = isReached ? (error as Error).message : 'The server does not answer. Start it again.'
  }
}
