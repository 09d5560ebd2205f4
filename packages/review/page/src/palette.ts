import { find } from './find.ts'

/** Connects the background colors. @param onChange receives a CSS color; `undefined` is the checkerboard */
export function openPalette(onChange: (color: string | undefined) => void): void {
  const swatches = find('palette').querySelectorAll('input')
  for (const swatch of swatches) {
    if (swatch.type === 'radio' && swatch.value !== 'checkerboard') swatch.style.background = swatch.value
    swatch.addEventListener('input', () => {
      for (const other of swatches) other.checked = other === swatch
      onChange(swatch.value === 'checkerboard' ? undefined : swatch.value)
    })
  }
}
