// `pnpm bench [--quick] [--only isnet,4mp,nobg,transformers,cache,batch,refinement] [--graphs folder] [--truth folder]`: prints a
// table of single pictures, a table of batches, one line per aim, and a summary.
import { mkdtemp, rm } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judgeAims } from './aims.ts'
import { batchEntrants, describeBatch } from './batch/batches.ts'
import type { BatchRow } from './batch/figures.ts'
import { measureBatch } from './batch/measure-batch.ts'
import { prepareBatch } from './batch/pictures.ts'
import { formatBatches } from './batch/table.ts'
import { callSource } from './call-source.ts'
import { resolveCallerPath } from './caller-path.ts'
import { chooseWork, type Work } from './choose-work.ts'
import { describeCache } from './describe-cache.ts'
import { type Row, takeMedian } from './figures.ts'
import type { GraphCost } from './graph/known-graphs.ts'
import { installPeers } from './install-peers.ts'
import { measureCold, measureWarm } from './measure.ts'
import { measureCache } from './measure-cache.ts'
import { type Pictures, preparePictures } from './pictures.ts'
import type { RefinementError } from './quality/refinement-aims.ts'
import { summarize } from './summary.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    graphs: { type: 'string' },
    truth: { type: 'string' },
  },
})
const work = chooseWork(values.only, values.quick ?? false)
const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-'))
try {
  await installPeers().catch(error => say(`The peers could not be installed: ${(error as Error).message}`))
  const pictures = await preparePictures(folder, work.sizes)
  const rows = await measureRows(work, pictures)
  const cache = work.cache ? await measureCache(folder, pictures.files.get(work.sizes[0])!) : undefined
  const batches = await measureBatches(work)
  const refinement = work.refinement ? await measureRefinement() : []
  const graphs = values.graphs ? await measureGraphs(values.graphs) : []
  const lines = [
    ...(rows.length ? [formatTable(rows), ''] : []),
    ...(cache ? [describeCache(cache), ''] : []),
    ...(batches.length ? [formatBatches(batches), ''] : []),
    ...judgeAims({ rows, cache, batches, refinement, graphs }),
    '',
    ...(rows.length || batches.length ? [summarize(rows, batches), ''] : []),
    describeRun(rows, pictures),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureRows(
  { models, sizes, entrants, coldTimes, ...turns }: Work,
  { files }: Pictures,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const model of models) {
    const able = entrants.filter(one => one.models.includes(model))
    const fresh = sizes.flatMap(megapixels =>
      able.map(({ id, title, ours }): Row => ({ model, megapixels, contestant: id, title, ours })),
    )
    rows.push(...fresh)
    const note = (contestant: string, megapixels: number, figures: Partial<Row>) => {
      const row = fresh.find(one => one.contestant === contestant && one.megapixels === megapixels)
      Object.assign(row!, figures)
      say(`${model} ${megapixels} MP ${contestant}: ${JSON.stringify(figures)}`)
    }
    await measureWarm(able, model, files, turns, ({ id }, megapixels, outcome) =>
      note(id, megapixels, 'failure' in outcome ? outcome : { warm: outcome }),
    )
    for (const [megapixels, picture] of files) {
      for (const contestant of able) {
        const outcome = await measureCold(contestant, model, picture, coldTimes)
        note(contestant.id, megapixels, 'failure' in outcome ? outcome : { cold: outcome })
      }
    }
  }
  return rows
}

async function measureBatches({ batches, entrants }: Work): Promise<BatchRow[]> {
  const rows: BatchRow[] = []
  const ids = entrants.map(({ id }) => id)
  for (const [i, batch] of batches.entries()) {
    const home = join(folder, `batch-${i}`)
    const paths = await prepareBatch(home, batch)
    for (const entrant of batchEntrants.filter(({ id }) => ids.includes(id))) {
      const outcome = await measureBatch(entrant, batch, paths, home)
      rows.push({ batch, entrant, ...('failure' in outcome ? outcome : { figures: outcome }) })
      say(`${describeBatch(batch)}, ${entrant.title}: ${JSON.stringify(outcome)}`)
    }
    await rm(home, { recursive: true })
  }
  return rows
}

/** Pictures with known foregrounds: of `--truth`, or of the folder of test material next to the checkout. */
async function measureRefinement(): Promise<RefinementError[]> {
  const truth = values.truth
    ? resolveCallerPath(values.truth)
    : fileURLToPath(new URL('../../../../shared/truth', import.meta.url))
  const errors = await callSource<RefinementError[]>('quality/judge-refinement', [truth])
  say(`refinement: ${JSON.stringify(errors)}`)
  return errors
}

async function measureGraphs(place: string): Promise<GraphCost[]> {
  const costs = await callSource<GraphCost[]>('graph/judge-graphs', [resolveCallerPath(place)])
  say(`graphs: ${JSON.stringify(costs)}`)
  return costs
}

function describeRun(rows: readonly Row[], { title }: Pictures): string {
  const spreads = rows.flatMap(({ warm }) => warm?.spread ?? [])
  const noise = spreads.length
    ? ` Spread of the overheads between rounds: ${percent(takeMedian(spreads))} (median).`
    : ''
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${Math.round(totalmem() / 1e9)} GB, ${platform()}`
  const blind =
    platform() === 'linux' ? '' : ' Not Linux: memory and the CPU time of child processes are missing.'
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, ${machine}, Node ${process.version}; ${title}.${noise}${blind}`
}

function percent(ratio: number): string {
  return `${((ratio - 1) * 100).toFixed(0)} %`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
