// `pnpm --filter @nobg/bench models-picture <photograph> <file>`: one photograph through every model whose weights are here.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { listTrials, openRemover } from './trials.ts'

/** px */
const WIDTH = 380
const GAP = 12
const TEXT_HEIGHT = 30

const [photograph, output] = process.argv.slice(2).map(path => resolve(process.env.INIT_CWD ?? '.', path))
const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-models-'))
const remover = openRemover(cacheDir)
try {
  const models = [...new Set((await listTrials(remover)).map(({ model }) => model))]
  const panels = [{ label: 'photograph', picture: await sharp(photograph).resize(WIDTH).png().toBuffer() }]
  for (const model of models) {
    process.stderr.write(`${model} …\n`)
    const { file } = await remover.ensure(await remover.plan(photograph, { model }))
    panels.push({ label: model, picture: await sharp(file).resize(WIDTH).png().toBuffer() })
  }
  const { height } = await sharp(panels[0].picture).metadata()
  await drawRow(panels, height).webp({ quality: 85 }).toFile(output)
} finally {
  await remover.close()
  await rm(cacheDir, { recursive: true, force: true })
}

/** Draws the panels side by side on a checkerboard, each with its label below. */
function drawRow(panels: readonly { label: string; picture: Buffer }[], height: number): Sharp {
  const leftOf = (index: number) => GAP + index * (WIDTH + GAP)
  const total = { width: leftOf(panels.length), height: height + TEXT_HEIGHT + GAP }
  const drawing = panels.map(
    ({ label }, index) =>
      `<rect x="${leftOf(index)}" y="${GAP}" width="${WIDTH}" height="${height}" fill="url(#board)"/>` +
      `<text x="${leftOf(index)}" y="${height + GAP + 21}" font-family="sans-serif" font-size="16">${label}</text>`,
  )
  const board =
    '<pattern id="board" width="20" height="20" patternUnits="userSpaceOnUse"><path fill="#f6f5f2" d="M0 0h20v20H0z"/><path fill="#dfdcd5" d="M0 0h10v10H0zm10 10h10v10H10z"/></pattern>'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}">${board}${drawing.join('')}</svg>`
  const pictures = panels.map(({ picture }, index) => ({ input: picture, left: leftOf(index), top: GAP }))
  return sharp({ create: { ...total, channels: 3, background: 'white' } }).composite([
    { input: Buffer.from(svg) },
    ...pictures,
  ])
}
