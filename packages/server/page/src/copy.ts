import { find } from './find.ts'

const code = find('code')
const button = find('copy')

/** Copies the code, or selects it if the browser allows no copying (plain http from another machine). */
export function openCopy(): void {
  button.addEventListener('click', async () => {
    const isCopied = await copy(code.textContent ?? '')
    if (!isCopied) getSelection()?.selectAllChildren(code)
    button.textContent = isCopied ? 'Copied' : 'Selected: press Ctrl+C'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 2000)
  })
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
