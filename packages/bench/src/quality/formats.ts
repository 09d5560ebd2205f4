// `pnpm --filter @nobg/bench formats <photographs>`: what lossy formats cost at edges and on skin, against PNG.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import sharp, { type WebpOptions } from 'sharp'
import { type Column, layTable } from '../cells.ts'
import { listTrials, openRemover } from './trials.ts'

/** A cutout: uint8, [height, width, 4], straight alpha. */
interface Cutout {
  name: string
  data: Buffer
  width: number
  height: number
  pngBytes: number
}

/** Figures of one encoding: sizes in bytes, errors in levels of 255. */
interface Figures {
  bytes: number
  ms: number
  edges: number[]
  skin: number[]
  all: number[]
  alpha: number
}

const encodings: [name: string, options: WebpOptions][] = [
  ...[75, 80, 85, 90, 95].map((quality): [string, WebpOptions] => [
    `webp ${quality}`,
    { quality, effort: 2 },
  ]),
  ...[80, 85, 90].map((quality): [string, WebpOptions] => [
    `webp ${quality}, sharp chroma`,
    { quality, effort: 2, smartSubsample: true },
  ]),
  ['webp 85, sharp chroma, effort 4', { quality: 85, effort: 4, smartSubsample: true }],
  ['webp 85, sharp chroma, alpha 90', { quality: 85, effort: 2, smartSubsample: true, alphaQuality: 90 }],
  ['webp lossless', { lossless: true, effort: 0 }],
]

const cutouts = await cutOut(process.argv.slice(2).map(path => resolve(process.env.INIT_CWD ?? '.', path)))
const columns = [
  'encoding',
  'share of PNG',
  'ms',
  'edges',
  'edges 99 %',
  'skin',
  'skin 99 %',
  'all',
  'alpha max',
].map((title, index): Column<string[]> => [title, row => row[index]])
const rows: string[][] = []
for (const [name, options] of encodings) {
  const figures: Figures[] = []
  for (const cutout of cutouts) figures.push(await measure(cutout, options))
  rows.push(summarize(name, figures))
}
process.stdout.write(`${layTable(columns, rows, 1)}\n`)

async function cutOut(paths: string[]): Promise<Cutout[]> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-formats-'))
  const remover = openRemover(cacheDir)
  try {
    const { model } = (await listTrials(remover))[0]
    process.stderr.write(`Cutouts of ${model}\n`)
    const made: Cutout[] = []
    for (const path of paths) {
      const { file } = await remover.ensure(await remover.plan(path, { model }))
      const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
      const { size = 0 } = await sharp(await sharp(file).toBuffer()).metadata()
      made.push({ name: basename(path), data, width: info.width, height: info.height, pngBytes: size })
    }
    return made
  } finally {
    await remover.close()
    await rm(cacheDir, { recursive: true, force: true })
  }
}

async function measure({ data, width, height }: Cutout, options: WebpOptions): Promise<Figures> {
  const start = performance.now()
  const file = await sharp(data, { raw: { width, height, channels: 4 } })
    .webp(options)
    .toBuffer()
  const ms = performance.now() - start
  const shown = await sharp(file).ensureAlpha().raw().toBuffer()
  const figures: Figures = { bytes: file.byteLength, ms, edges: [], skin: [], all: [], alpha: 0 }
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]
    figures.alpha = Math.max(figures.alpha, Math.abs(alpha - shown[at + 3]))
    if (alpha === 0) continue
    const error = compare(data, shown, at)
    figures.all.push(error)
    if (alpha < 255) figures.edges.push(error)
    else if (isSkin(data[at], data[at + 1], data[at + 2])) figures.skin.push(error)
  }
  return figures
}

/** The largest difference of a channel between two pixels over black and over white, levels of 255. */
function compare(one: Buffer, other: Buffer, at: number): number {
  let largest = 0
  for (const ground of [0, 255])
    for (let channel = 0; channel < 3; channel++) {
      const levels = [one, other].map(picture => {
        const share = picture[at + 3] / 255
        return picture[at + channel] * share + ground * (1 - share)
      })
      largest = Math.max(largest, Math.abs(levels[0] - levels[1]))
    }
  return largest
}

/** The rule of Chai and Ngan (1999) in YCbCr. */
function isSkin(r: number, g: number, b: number): boolean {
  const cb = 128 - 0.169 * r - 0.331 * g + 0.5 * b
  const cr = 128 + 0.5 * r - 0.419 * g - 0.081 * b
  return cb >= 77 && cb <= 127 && cr >= 133 && cr <= 173
}

function summarize(name: string, figures: Figures[]): string[] {
  const total = (read: (one: Figures) => number) => figures.reduce((sum, one) => sum + read(one), 0)
  const png = cutouts.reduce((sum, { pngBytes }) => sum + pngBytes, 0)
  const [edges, skin, all] = (['edges', 'skin', 'all'] as const).map(part =>
    Float64Array.from(figures.flatMap(one => one[part])).sort(),
  )
  const mean = (levels: Float64Array) =>
    (levels.reduce((sum, level) => sum + level, 0) / levels.length).toFixed(2)
  const high = (levels: Float64Array) => levels[Math.floor(0.99 * levels.length)].toFixed(0)
  return [
    name,
    `${((100 * total(one => one.bytes)) / png).toFixed(1)} %`,
    total(one => one.ms).toFixed(0),
    mean(edges),
    high(edges),
    mean(skin),
    high(skin),
    mean(all),
    String(Math.max(...figures.map(({ alpha }) => alpha))),
  ]
}
