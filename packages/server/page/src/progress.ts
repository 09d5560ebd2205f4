import type { Update } from './api.ts'
import { find } from './find.ts'

const status = find('status')
const error = find('error')
const logs = find('logs')

/** Shows the progress and the end of a run. */
export const progress = {
  start(): void {
    logs.replaceChildren()
    error.replaceChildren()
    setBusy(true)
    status.textContent = 'Uploading…'
  },
  update({ ahead, lines }: Update): void {
    if (ahead !== undefined) status.textContent = ahead === 0 ? 'Next in line…' : `${ahead} ahead in line…`
    else status.textContent = lines.at(-1) ?? status.textContent
    logs.append(
      ...lines.map(line => {
        const item = document.createElement('li')
        item.textContent = line
        return item
      }),
    )
  },
  finish(text: string): void {
    setBusy(false)
    status.textContent = text
  },
  fail(text: string): void {
    setBusy(false)
    status.textContent = ''
    error.textContent = text
  },
}

function setBusy(isBusy: boolean): void {
  find('progress').hidden = !isBusy
  find('cancel').hidden = !isBusy
  find<HTMLButtonElement>('start').hidden = isBusy
}
