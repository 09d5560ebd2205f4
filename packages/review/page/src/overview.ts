import type { PictureInfo } from '../../src/protocol.ts'
import { urlOf } from './api.ts'
import { setPreview } from './card-previews.ts'
import { create, find, keepUnits, readChoice } from './find.ts'
import { isDoubtful, isPending, pictures } from './pictures.ts'

interface Card {
  item: HTMLLIElement
  /** What the card shows, to change only cards that differ. */
  shown: string
}

const cards = new Map<string, Card>()
const grid = find('grid')
const search = find<HTMLInputElement>('search')

const filters: Record<string, (info: PictureInfo) => boolean> = {
  all: () => true,
  doubtful: isDoubtful,
  hand: ({ isByHand }) => isByHand,
  reviewed: ({ isReviewed }) => isReviewed,
}

/** Connects filters and search. */
export function openOverview(): void {
  find('filters').addEventListener('change', showOverview)
  search.addEventListener('input', showOverview)
}

/** Shows all pictures that pass filter and search. */
export function showOverview(): void {
  const all = pictures.list()
  for (const [name, filter] of Object.entries(filters))
    find(`count-${name}`).textContent = String(all.filter(filter).length)
  showSummary(all)
  const words = search.value.toLowerCase()
  const passing = all
    .filter(filters[readChoice('filter')])
    .filter(({ path }) => path.toLowerCase().includes(words))
  const items = passing.map(info => updateCard(info).item)
  // Moves only the cards that are not in their place: images keep their state.
  for (const [index, item] of items.entries()) {
    if (grid.children[index] !== item) grid.insertBefore(item, grid.children[index] ?? null)
  }
  while (grid.children.length > items.length) grid.lastChild?.remove()
  const nothing = find('nothing')
  nothing.hidden = passing.length > 0
  nothing.textContent = all.length > 0 ? 'No picture matches.' : 'Open a page of the app that shows a cutout.'
}

function showSummary(all: PictureInfo[]): void {
  if (all.length === 0) {
    find('summary').textContent = 'No pictures yet.'
    return
  }
  const pending = all.filter(isPending).length
  const doubtful = all.filter(isDoubtful).length
  const checked = pending > 0 ? `Checked ${all.length - pending} of ${count(all.length)}` : count(all.length)
  find('summary').textContent = `${checked}. ${doubtful === 0 ? 'None is doubtful' : `${doubtful} doubtful`}.`
}

function count(pictures: number): string {
  return `${pictures} ${pictures === 1 ? 'picture' : 'pictures'}`
}

function updateCard(info: PictureInfo): Card {
  const shown = JSON.stringify(info)
  const known = cards.get(info.id)
  if (known?.shown === shown) return known
  const item = known?.item ?? create('li')
  item.replaceChildren(createCard(info))
  setPreview(item, urlOfPreview(info))
  const card = { item, shown }
  cards.set(info.id, card)
  return card
}

function createCard(info: PictureInfo): HTMLElement {
  const link = create('a', 'picture')
  link.href = `#/${info.id}`
  const folder = info.path.includes('/') ? info.path.slice(0, info.path.lastIndexOf('/') + 1) : ''
  const text = create(
    'span',
    'picture-text',
    create('b', '', info.name),
    create('small', 'folder', folder),
    describe(info),
  )
  link.append(createThumbnail(info), text)
  return link
}

function createThumbnail(info: PictureInfo): HTMLElement {
  const box = create('span', 'thumbnail')
  if (urlOfPreview(info) === undefined) return box
  const image = create('img')
  image.decoding = 'async'
  image.alt = ''
  image.classList.toggle('faint', info.state !== 'ready')
  image.addEventListener('error', () => box.replaceChildren(create('small', '', 'No preview')))
  box.append(image)
  return box
}

/** The cutout, or the photograph until the cutout is made; `undefined` if neither is known to be readable. */
function urlOfPreview(info: PictureInfo): string | undefined {
  if (isPending(info) && !info.version) return undefined
  return urlOf(info, info.state === 'ready' ? 'cutout' : 'photograph', 'small')
}

/** The most important fact about a picture, as a line with a mark. */
function describe(info: PictureInfo): HTMLElement {
  const { state, error, findings, isReviewed, isByHand } = info
  if (isPending(info)) return create('span', 'mark', state === 'checking' ? 'Checking…' : 'Waiting')
  if (state === 'failed') return create('span', 'mark bad', keepUnits(error?.message ?? 'Failed'))
  if (findings.length > 0 && !isReviewed)
    return create('span', 'mark doubtful', keepUnits(findings[0].message))
  if (isByHand) return create('span', 'mark good', 'Corrected by hand')
  return create('span', 'mark good', isReviewed ? 'Reviewed' : 'No findings')
}
