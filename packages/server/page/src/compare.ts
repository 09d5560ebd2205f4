import { find } from './find.ts'

const compare = find('compare')
const before = find<HTMLImageElement>('before')
const after = find<HTMLImageElement>('after')
const split = find<HTMLInputElement>('split')
const problem = find('problem')
const draft = find('draft')
const palette = find('palette').querySelectorAll('input')

/** Connects the slider and the background colors. */
export function openCompare(): void {
  split.addEventListener('input', () => {
    compare.classList.remove('revealing')
    show(Number(split.value))
  })
  show(Number(split.value))
  for (const swatch of palette) {
    if (swatch.type === 'radio' && swatch.value !== 'checkerboard') swatch.style.background = swatch.value
    swatch.addEventListener('input', () => paint(swatch))
  }
}

function show(percent: number): void {
  split.value = String(percent)
  split.ariaValueText = `${percent} % photograph, ${100 - percent} % cutout`
  compare.style.setProperty('--split', `${percent}%`)
}

function paint(chosen: HTMLInputElement): void {
  for (const swatch of palette) swatch.checked = swatch === chosen
  if (chosen.value === 'checkerboard') compare.style.removeProperty('background')
  else compare.style.background = chosen.value
}

/** Shows a photograph that is being processed. @returns false if the browser cannot decode it */
export async function showPhoto(photo: Blob, name: string): Promise<boolean> {
  compare.classList.remove('revealing', 'refused')
  compare.classList.add('working')
  problem.replaceChildren()
  draft.hidden = true
  const isShown = await load(before, photo, `The photograph ${name}`)
  compare.classList.toggle('blind', !isShown)
  after.hidden = true
  split.disabled = true
  if (isShown) setAspect(before.naturalWidth, before.naturalHeight)
  show(100)
  return isShown
}

/** Shows a cutout and its photograph. @param drafter the model that stood in for the chosen one. */
export async function showCutout(cutout: Blob, name: string, drafter: string | undefined): Promise<void> {
  if (drafter) draft.textContent = `draft: cut by ${drafter}`
  draft.hidden = drafter === undefined
  await load(after, cutout, `The cutout of ${name}`)
  setAspect(after.naturalWidth, after.naturalHeight)
  after.hidden = false
  split.disabled = false
  compare.classList.remove('working')
  compare.classList.add('revealing')
  show(compare.classList.contains('blind') ? 0 : 50)
}

/** Ends processing without a cutout. @param reason why the photograph was refused; shown in its place. */
export function stopWorking(reason = ''): void {
  compare.classList.remove('working')
  compare.classList.toggle('refused', reason !== '')
  problem.textContent = reason
}

function setAspect(width: number, height: number): void {
  compare.style.setProperty('--aspect', String(width / height))
}

async function load(image: HTMLImageElement, file: Blob, alt: string): Promise<boolean> {
  URL.revokeObjectURL(image.src)
  image.removeAttribute('width')
  image.removeAttribute('height')
  image.alt = alt
  image.src = URL.createObjectURL(file)
  return image.decode().then(
    () => true,
    () => false,
  )
}
