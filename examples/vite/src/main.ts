/// <reference types="vite/client" />
import './style.css'
import astronaut from './photos/astronaut.png?nobg&model=portrait'
import cat from './photos/chelsea.png?nobg'
import cupPhoto from './photos/coffee.png'
import cup from './photos/coffee.png?nobg'
import cupMask from './photos/coffee.png?outputMask&nobg'

const pictures: Record<string, string> = { astronaut, cat, cup, cupPhoto, cupMask }

for (const image of document.querySelectorAll<HTMLImageElement>('[data-picture]')) {
  image.src = pictures[image.dataset.picture!]
}

const palette = document.querySelectorAll<HTMLInputElement>('fieldset input')

function choose(chosen: HTMLInputElement): void {
  document.documentElement.style.setProperty('--backdrop', chosen.value)
  for (const input of palette) input.checked = input === chosen
}

for (const input of palette) {
  if (input.type === 'radio') input.style.background = input.value
  if (input.checked) choose(input)
  input.addEventListener('input', () => choose(input))
}
