// `pnpm --filter @nobg/bench concurrency [--write]`: measures the stages of a picture, and simulates batches on more cores.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRemover, models, type Progress } from '@nobg/core'
import { chooseConcurrency } from '@nobg/core/internal'
import { type Column, layTable } from '../cells.ts'
import { isnetPath, isnetRow } from '../isnet.ts'
import { preparePictures } from '../pictures.ts'
import { insertFigures } from '../quality/report.ts'
import { readTreeCpuMs } from '../sample.ts'
import { type StageTimes, simulateBatch } from './simulate.ts'

const page = fileURLToPath(new URL('../../../../docs/concurrency.md', import.meta.url))
const command = 'pnpm --filter @nobg/bench concurrency --write'
const rounds = 2
/** Share of a run of the network that uses one core only: an assumption. */
const serialShare = 0.1
const pictures = 64
const coreCounts = [2, 4, 8, 16] as const
const concurrencies = [1, 2, 4, 8, 16] as const

/** A model and a size of pictures: a group of rows. */
interface Trial {
  model: string
  megapixels: number
  times: StageTimes
}

const { values } = parseArgs({ options: { write: { type: 'boolean' } } })
const folder = await mkdtemp(join(tmpdir(), 'nobg-concurrency-'))
try {
  const { files, title } = await preparePictures(folder, [4, 12])
  const trials: Trial[] = []
  for (const model of ['u2netp', ...(isnetPath() ? ['isnet'] : [])])
    for (const [megapixels, picture] of files) trials.push(await measure(model, megapixels, picture))
  trials.push(...trials.filter(({ model }) => model === 'u2netp').map(assumeLite))
  const text = describe(trials, title)
  process.stdout.write(`${text}\n`)
  if (values.write) await writeFile(page, insertFigures(await readFile(page, 'utf8'), text, command))
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Least processor times of several rounds: other load on the machine hardly adds to them. */
async function measure(model: string, megapixels: number, picture: string): Promise<Trial> {
  const isnet = isnetPath()
  await using remover = createRemover({
    concurrency: 1,
    memory: 'fast',
    models: isnet ? { isnet: { ...isnetRow, path: isnet } } : {},
    modelsDir: join(folder, 'models'),
    cacheDir: join(folder, `cache-${model}-${megapixels}`),
  })
  const times: StageTimes = { beforeMs: Infinity, inferenceMs: Infinity, afterMs: Infinity }
  for (let round = 0; round < rounds; round++) {
    const marks = [readTreeCpuMs()]
    const onProgress = ({ stage, done }: Progress) => {
      if (stage === 'inference' && marks.length === done + 1) marks.push(readTreeCpuMs())
    }
    await remover.removeBackground(await addByte(picture, round), { model, onProgress })
    const [start, before, after] = marks
    times.beforeMs = Math.min(times.beforeMs, before - start)
    times.inferenceMs = Math.min(times.inferenceMs, after - before)
    times.afterMs = Math.min(times.afterMs, readTreeCpuMs() - after)
  }
  return { model, megapixels, times }
}

/** Bytes that are in no cache: the photograph, and one byte that JPEG decoders ignore. */
async function addByte(picture: string, byte: number): Promise<Buffer> {
  return Buffer.concat([await readFile(picture), Buffer.of(byte)])
}

/** BiRefNet lite, whose weights are not at hand: its processor time is that of the table of models. */
function assumeLite(trial: Trial): Trial {
  const { id, cost } = models[0]
  return { ...trial, model: id, times: { ...trial.times, inferenceMs: 1000 * (cost?.cpuSeconds ?? 0) } }
}

function describe(trials: readonly Trial[], title: string): string {
  const rows = trials.flatMap(trial => coreCounts.map(cores => ({ ...trial, cores })))
  type Row = (typeof rows)[number]
  const perMinute = ({ times, cores }: Row, concurrency: number) =>
    (60_000 * pictures) / simulateBatch(times, { cores, concurrency, serialShare }, pictures)
  const columns: Column<Row>[] = [
    ['model', ({ model, megapixels }) => `${model}, ${megapixels} MP`],
    ['before / network / after, s', ({ times }) => list(times.beforeMs, times.inferenceMs, times.afterMs)],
    ['cores', ({ cores }) => String(cores)],
    ...concurrencies.map(
      (concurrency): Column<Row> => [
        `${concurrency} at once`,
        row => {
          const figure = perMinute(row, concurrency).toFixed(0)
          return chooseConcurrency(row.cores, Infinity) === concurrency ? `**${figure}**` : figure
        },
      ],
    ),
  ]
  return [
    layTable(columns, rows, 1),
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${platform()}, Node ${process.versions.node}; ${title}.`,
  ].join('\n')
}

function list(...ms: number[]): string {
  return ms.map(one => (one / 1000).toFixed(2)).join(' / ')
}
