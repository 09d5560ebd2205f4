import type { PictureInfo } from '../../src/protocol.ts'
import { markReviewed, saveMatte } from './api.ts'
import { openBrushTool } from './brush-tool.ts'
import { nameCandidate, openCandidates } from './candidates.ts'
import { showFacts } from './facts.ts'
import { choose, find, readChoice } from './find.ts'
import { type Layers, loadLayers, readLevels } from './layers.ts'
import { openPalette } from './palette.ts'
import { pictures } from './pictures.ts'
import { openStage, type Pane } from './stage.ts'

const stage = openStage(find('stage'), showZoom)
const brush = openBrushTool(stage, showAccept)
const candidates = openCandidates(showCandidates, candidate => {
  brush.replaceMatte(readLevels(candidate.matte))
  choose('view', 'split')
})
const split = find<HTMLInputElement>('split')
const accept = find<HTMLButtonElement>('accept')
const status = find('status')

let info: PictureInfo | undefined
let layers: Layers | undefined

/** Whether leaving the picture loses a correction. */
export const isDirty = (): boolean => brush.isDirty()

/** Connects the controls of the detail page. */
export function openDetail(): void {
  find('views').addEventListener('change', showView)
  split.addEventListener('input', showSplit)
  openPalette(stage.setBackdrop)
  find('zoom-in').addEventListener('click', () => stage.zoom(1.5))
  find('zoom-out').addEventListener('click', () => stage.zoom(1 / 1.5))
  find('zoom-fit').addEventListener('click', stage.fitAgain)
  find('zoom-pixels').addEventListener('click', stage.showPixels)
  accept.addEventListener('click', () => void write('Saving…', acceptMatte))
  find('reviewed').addEventListener('click', () => void write('Marking…', picture => markReviewed(picture)))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', stage.draw)
  showSplit()
}

/** Shows a picture. `undefined` closes the page. */
export async function showDetail(picture: PictureInfo | undefined): Promise<void> {
  const isOther = picture?.id !== info?.id
  const isStale = picture?.version !== info?.version
  info = picture
  if (picture) showText(picture)
  // A correction in progress stays; accepting it says that the picture has changed.
  if (!isOther && (!isStale || brush.isDirty())) return
  if (isOther) {
    status.textContent = ''
    candidates.open(picture)
    showCandidates()
    if (readChoice('view') === 'models') choose('view', 'split')
  }
  await load(picture, isOther)
}

function showText(picture: PictureInfo): void {
  find('name').textContent = picture.name
  document.title = `${picture.name} – nobg review`
  showFacts(picture)
  const ids = pictures.list().map(({ id }) => id)
  const index = ids.indexOf(picture.id)
  for (const [name, id] of [
    ['previous', ids[index - 1]],
    ['next', ids[index + 1]],
  ]) {
    const link = find<HTMLAnchorElement>(String(name))
    if (id) link.href = `#/${id}`
    else link.removeAttribute('href')
  }
}

async function load(picture: PictureInfo | undefined, isOther: boolean): Promise<void> {
  const loading = find('loading')
  if (isOther) {
    layers = undefined
    brush.edit(undefined)
    stage.show([])
    showView()
  }
  if (!picture) return
  if (isOther) delete find('detail').dataset.isBroken
  loading.textContent = isOther ? 'Loading…' : ''
  try {
    const loaded = await loadLayers(picture)
    if (info?.id !== picture.id || brush.isDirty()) return
    layers = loaded
    brush.edit(loaded)
    delete find('detail').dataset.isBroken
    showView()
    if (isOther) stage.fit(loaded)
    loading.textContent = ''
  } catch (error) {
    if (info?.id !== picture.id) return
    loading.textContent = (error as Error).message
    if (!layers) find('detail').dataset.isBroken = ''
  }
}

function showView(): void {
  const view = readChoice('view')
  stage.element.dataset.view = view
  split.hidden = view !== 'split' || !layers
  find('handle').hidden = split.hidden
  if (layers) stage.show(listPanes(view, layers))
}

function listPanes(view: string, { photograph, matte, cutout }: Layers): Pane[] {
  const panes: Record<string, Pane> = {
    photograph: { label: 'Photograph', layer: photograph, isTransparent: false },
    matte: { label: 'Matte', layer: matte, isTransparent: false },
    cutout: { label: 'Cutout', layer: cutout, isTransparent: true },
  }
  if (view === 'all') return Object.values(panes)
  if (view === 'models') {
    const others = candidates
      .list()
      .map(one => ({ label: nameCandidate(one), layer: one.cutout, isTransparent: true }))
    return [{ ...panes.cutout, label: 'Current' }, ...others]
  }
  if (view === 'split') return [{ ...panes.cutout, label: '', splitLayer: photograph }]
  return [{ ...panes[view], label: '' }]
}

function showSplit(): void {
  const percent = split.valueAsNumber
  split.ariaValueText = `${percent} % photograph, ${100 - percent} % cutout`
  find('handle').style.setProperty('left', `calc(${percent}% - 1.25rem)`)
  stage.setSplit(percent / 100)
}

function showZoom(): void {
  find('zoom-level').textContent = `${Math.round(stage.readScale() * devicePixelRatio * 100)} %`
}

function showAccept(): void {
  accept.disabled = !brush.isDirty()
  const isOld = brush.isDirty() || status.classList.contains('failure')
  if (isOld) status.textContent = ''
}

function showCandidates(): void {
  const input = document.querySelector<HTMLInputElement>('input[name="view"][value="models"]')!
  input.disabled = candidates.list().length === 0
  if (!input.disabled) choose('view', 'models')
}

async function acceptMatte(picture: PictureInfo): Promise<PictureInfo> {
  const png = await new Promise<Blob | null>(resolve => layers!.matte.toBlob(resolve))
  return saveMatte(picture, png!)
}

/** Runs an action that writes a file, and shows its result. */
async function write(text: string, action: (picture: PictureInfo) => Promise<PictureInfo>): Promise<void> {
  const picture = info
  if (!picture || !layers) return
  status.classList.remove('failure')
  status.textContent = text
  accept.disabled = true
  try {
    const saved = await action(picture)
    pictures.set(saved)
    if (info?.id !== saved.id) return
    brush.edit(undefined)
    await showDetail(saved)
    status.textContent = `Written: ${saved.matteFile}`
  } catch (error) {
    status.classList.add('failure')
    status.textContent = (error as Error).message
    accept.disabled = !brush.isDirty()
  }
}
