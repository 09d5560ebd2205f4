/** Draws the picture at the top of the repository's README: `node scripts/readme-picture.ts`. */
import { fileURLToPath } from 'node:url'
import { createRemover } from '@nobg/core'
import { drawSheet, type Panel } from 'nobg/sheet'

/** What to show of each photograph, in its own pixels: head and shoulders, because hair shows the quality. */
const PHOTOS = [
  { name: 'astronaut.png', region: { left: 80, top: 0, width: 432, height: 288 } },
  { name: 'coffee.png', region: { left: 0, top: 0, width: 600, height: 400 } },
]
const COLOR = '#12a594'
const WIDTH = 432
const HEIGHT = 288
const GAP = 12

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const outputFile = fromHere('../../../.github/before-after.png')

await using remover = createRemover({ substitute: 'u2netp' })

async function drawRow({ name, region }: (typeof PHOTOS)[number], row: number): Promise<Panel[]> {
  const photo = fromHere(`../src/photos/${name}`)
  const { data } = await remover.removeBackground(photo)
  const place = (column: number) => ({
    region,
    left: column * (WIDTH + GAP),
    top: row * (HEIGHT + GAP),
    width: WIDTH,
    height: HEIGHT,
  })
  return [
    { picture: photo, ...place(0) },
    { picture: data, ...place(1), backdrop: 'checkerboard' },
    { picture: data, ...place(2), backdrop: COLOR },
  ]
}

const rows = await Promise.all(PHOTOS.map(drawRow))
const sheet = await drawSheet({
  width: 3 * WIDTH + 2 * GAP,
  height: PHOTOS.length * (HEIGHT + GAP) - GAP,
  panels: rows.flat(),
})
const { size } = await sheet.png({ palette: true, quality: 100, effort: 10 }).toFile(outputFile)
console.log(`${outputFile}: ${Math.round(size / 1000)} kB`)
