import type { Update } from './api.ts'
import { find } from './find.ts'

const status = find('status')

/** Shows the progress and the end of a run, in one line. */
export const progress = {
  start(): void {
    setBusy(true)
    show('Uploading…')
  },
  update({ ahead, lines }: Update): void {
    if (ahead !== undefined) show(ahead === 0 ? 'Next in line…' : `${ahead} ahead in line…`)
    else if (lines.length > 0) show(lines.at(-1)!)
  },
  finish(text: string): void {
    setBusy(false)
    show(text)
  },
  fail(text: string): void {
    setBusy(false)
    show(text, true)
  },
}

function show(text: string, isFailure = false): void {
  status.textContent = text
  status.classList.toggle('failure', isFailure)
}

function setBusy(isBusy: boolean): void {
  find('progress').hidden = !isBusy
  find('cancel').hidden = !isBusy
  find<HTMLButtonElement>('start').hidden = isBusy
}
