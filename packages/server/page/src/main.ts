import type { PageSettings } from '../../src/http/page-settings.ts'
import { ApiError, cutOut } from './api.ts'
import { type Dialect, nameCutout, printCode, toInput } from './code.ts'
import { openCompare, showCutout, showPhoto, stopWorking } from './compare.ts'
import { openCopy } from './copy.ts'
import { find } from './find.ts'
import { openForm } from './form.ts'
import { openIntake } from './intake.ts'
import { progress } from './progress.ts'

const settings: PageSettings = await (await fetch('page/settings.json')).json()
const form = openForm(settings, showCode)
const start = find<HTMLButtonElement>('start')
const download = find<HTMLAnchorElement>('download')
const standIn = find<HTMLButtonElement>('stand-in')
/** The model whose weights every server has. */
const STAND_IN = 'u2netp'
let photo: File | undefined
let running: AbortController | undefined

function showCode(): void {
  const { value } = document.querySelector<HTMLInputElement>('#dialects :checked')!
  const name = photo?.name ?? 'photo.jpg'
  find('code').textContent = printCode[value as Dialect](form.read(), name, settings.needsKey)
}

/** The run in progress; a new run aborts it. */
async function run(): Promise<void> {
  if (!photo) return
  running?.abort()
  const own = new AbortController()
  running = own
  const { name } = photo
  const choice = form.read()
  progress.start()
  download.hidden = true
  standIn.hidden = true
  await showPhoto(photo, name)
  try {
    const { signal } = own
    const onUpdate = (update: Parameters<typeof progress.update>[0]) => {
      if (running === own) progress.update(update)
    }
    const cutout = await cutOut(photo, toInput(choice), { key: form.readKey(), signal, onUpdate })
    if (running !== own) return
    const { model } = cutout
    const drafter = model !== null && !choice.model.runs.includes(model) ? model : undefined
    await showCutout(cutout.file, name, drafter)
    offer(cutout.file, nameCutout(name, choice.format))
    progress.finish(`Done: ${cutout.width} × ${cutout.height} px, ${formatMegabytes(cutout.file.size)}.`)
  } catch (error) {
    if (running === own) fail(error as Error)
  }
}

function offer(file: Blob, name: string): void {
  URL.revokeObjectURL(download.href)
  download.href = URL.createObjectURL(file)
  download.download = name
  download.hidden = false
}

/** `0.14 MB`, `2.4 MB` */
function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`
}

function fail(error: Error): void {
  const isRefused = error instanceof ApiError && error.status === 422
  stopWorking(isRefused ? error.message : undefined)
  if (error.name === 'AbortError') {
    progress.finish('Canceled.')
    return
  }
  if (error instanceof ApiError && error.status === 401) form.askForKey()
  const isWithoutWeights = error instanceof ApiError && error.code === 'WEIGHTS_UNAVAILABLE'
  standIn.hidden = !isWithoutWeights || form.read().model.id === STAND_IN
  if (isRefused) progress.fail('No cutout.')
  else progress.fail(error instanceof ApiError ? error.message : 'The server cannot be reached.')
}

openCompare()
openCopy()
openIntake(file => {
  photo = file
  find('chosen').textContent = file.name
  start.disabled = false
  showCode()
  void run()
})
find('form').addEventListener('submit', event => {
  event.preventDefault()
  void run()
})
standIn.addEventListener('click', () => {
  if (form.chooseModel(STAND_IN)) void run()
})
find('cancel').addEventListener('click', () => running?.abort())
find('dialects').addEventListener('change', showCode)
find('host').textContent = location.host
showCode()
