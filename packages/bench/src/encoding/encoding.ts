// `pnpm --filter @nobg/bench encoding [--write | --only 'quality 90'] [photographs]`: size, time and error of encoded cutouts.
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRemover } from '@nobg/core'
import sharp from 'sharp'
import { resolveCallerPath } from '../caller-path.ts'
import { type Column, layTable } from '../cells.ts'
import { insertFigures } from '../quality/report.ts'
import { type Encoding, encodings } from './encodings.ts'
import {
  addErrors,
  type Cutout,
  countColors,
  type EncodingFigures,
  measureEncoding,
  summarizeErrors,
} from './measure-encoding.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const page = join(root, 'docs/encoding.md')
const command = 'pnpm --filter @nobg/bench encoding --write'
const rounds = 2

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' }, only: { type: 'string', default: '' } },
  allowPositionals: true,
})
const paths = positionals.length
  ? positionals.map(resolveCallerPath)
  : [...globSync('examples/vite/src/photos/*.png', { cwd: root }).sort(), 'examples/cli/photos/cat.jpg'].map(
      path => join(root, path),
    )

const cutouts = await cutOut(paths)
const megapixels = cutouts.reduce((sum, { width, height }) => sum + (width * height) / 1e6, 0)
const rows: Row[] = []
for (const encoding of encodings.filter(({ title }) => title.includes(values.only) || title === 'level 3')) {
  const figures: EncodingFigures[] = []
  for (const cutout of cutouts) figures.push(await measureEncoding(cutout, encoding, rounds))
  rows.push({ encoding, ...summarize(figures) })
  process.stderr.write(`${encoding.format} ${encoding.title}\n`)
}
const text = describe(rows)
process.stdout.write(`${text}\n`)
if (values.write && !values.only)
  await writeFile(page, insertFigures(await readFile(page, 'utf8'), text, command))

interface Row {
  encoding: Encoding
  bytes: number
  cpuMs: number
  /** Errors in levels of 255: of translucent pixels, and of all pixels that are not transparent. */
  edges: ReturnType<typeof summarizeErrors>
  all: ReturnType<typeof summarizeErrors>
  alpha: number
}

function summarize(figures: readonly EncodingFigures[]): Omit<Row, 'encoding'> {
  const total = (read: (one: EncodingFigures) => number) => figures.reduce((sum, one) => sum + read(one), 0)
  return {
    bytes: total(({ bytes }) => bytes),
    cpuMs: total(({ cpuMs }) => cpuMs),
    edges: summarizeErrors(addErrors(figures.map(({ edges }) => edges))),
    all: summarizeErrors(addErrors(figures.map(({ all }) => all))),
    alpha: Math.max(...figures.map(({ alpha }) => alpha)),
  }
}

/** Cuts out with the embedded model, which every machine has. */
async function cutOut(paths: readonly string[]): Promise<Cutout[]> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-encoding-'))
  try {
    await using remover = createRemover({ cacheDir })
    const made: Cutout[] = []
    for (const path of paths) {
      const { file } = await remover.ensure(await remover.plan(path, { model: 'u2netp' }))
      const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
      made.push({ data, width: info.width, height: info.height })
    }
    return made
  } finally {
    await rm(cacheDir, { recursive: true, force: true })
  }
}

function describe(rows: readonly Row[]): string {
  const png = rows.find(({ encoding }) => encoding.format === 'PNG' && encoding.isChosen)
  const columns: Column<Row>[] = [
    ['format', ({ encoding }) => encoding.format],
    ['settings', ({ encoding }) => (encoding.isChosen ? `**${encoding.title}**` : encoding.title)],
    ['size ÷ PNG', ({ bytes }) => `${((100 * bytes) / (png?.bytes ?? Number.NaN)).toFixed(1)} %`],
    ['CPU ms per MP', ({ cpuMs }) => (cpuMs / megapixels).toFixed(0)],
    ['error at edges', ({ edges }) => edges.mean.toFixed(2)],
    ['99 %', ({ edges }) => String(edges.high)],
    ['error', ({ all }) => all.mean.toFixed(2)],
    ['99 %', ({ all }) => String(all.high)],
    ['alpha, greatest', ({ alpha }) => String(alpha)],
  ]
  const colors = Math.min(...cutouts.map(countColors))
  const date = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${platform()} ${arch()}, Node ${process.versions.node}`
  return [
    layTable(columns, rows, 2),
    '',
    `${date}, ${machine}, sharp ${sharp.versions.sharp}: ${cutouts.length} cutouts with ${megapixels.toFixed(1)} MP in total; the one with the fewest RGBA colors has ${colors}.`,
  ].join('\n')
}
