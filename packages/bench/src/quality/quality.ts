// `pnpm quality [folder] [--only u2netp,isnet] [--scenes [--photographs folder]] [--write]`: measures mattes on pictures with a known alpha.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from '../describe-machine.ts'
import { judgeTrial, judgeTruth, type Quality } from './judge.ts'
import { findPhotoBackgrounds } from './photo-backgrounds.ts'
import { formatQuality, insertFigures, type QualityRow } from './report.ts'
import { type DrawBackground, placeInScenes } from './scenes.ts'
import { listTrials, openRemover } from './trials.ts'
import { readTruths, type Truth } from './truth.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const page = join(root, 'docs', 'quality.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    scenes: { type: 'boolean' },
    photographs: { type: 'string' },
    write: { type: 'boolean' },
  },
})
// pnpm runs scripts in the package's folder, but a relative path starts at the caller's folder.
const folder = positionals[0]
  ? resolve(process.env.INIT_CWD ?? '.', positionals[0])
  : resolve(root, '..', 'shared', 'truth')
const found = await readTruths(folder)
const truths = values.scenes ? await placeInScenes(found, findBackgrounds()) : found
if (truths.length === 0) say(`Skipped: no <name>.image.png with <name>.alpha.png in ${folder}.`)
else {
  const figures = await measure(truths, values.only?.split(','))
  process.stdout.write(`${figures}\n`)
  if (values.write) await writeFile(page, insertFigures(await readFile(page, 'utf8'), figures))
}

/** The backgrounds of scenes: parts of the photographs in a folder, or the default. */
function findBackgrounds(): DrawBackground | undefined {
  if (!values.photographs) return undefined
  const found = findPhotoBackgrounds(resolve(process.env.INIT_CWD ?? '.', values.photographs))
  if (!found) throw new Error(`expected the photographs of photo-backgrounds.ts in ${values.photographs}`)
  return found
}

async function measure(truths: readonly Truth[], only: readonly string[] | undefined): Promise<string> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-quality-'))
  const remover = openRemover(cacheDir)
  try {
    const rows: QualityRow[] = [{ model: '(the true alpha)', setting: '–', ...(await judgeTruth(truths)) }]
    for (const trial of await listTrials(remover)) {
      if (only && !only.includes(trial.model)) continue
      const setting = `${trial.operatingResolution}, ${trial.matteUpsampling}`
      say(`${trial.model} at ${setting} …`)
      rows.push({ model: trial.model, setting, ...(await judgeTrial(remover, trial, truths, note)) })
    }
    return `${formatQuality(rows)}\n\n${describeRun(truths)}`
  } finally {
    await remover.close()
    await rm(cacheDir, { recursive: true, force: true })
  }
}

function describeRun(truths: readonly Truth[]): string {
  const photographs = truths.filter(({ isComposite }) => !isComposite)
  const known = truths.filter(({ foreground }) => foreground)
  return (
    `${describeMachine()}: ` +
    `mattes of ${photographs.length} photographs, foregrounds of ${known.length} pictures.`
  )
}

/** Prints the figures of one picture, which explain the means. */
function note({ name }: Truth, { edgeSad, gradient }: Partial<Quality>): void {
  if (edgeSad !== undefined)
    say(`  ${name}: SAD at edges ${edgeSad.toFixed(2)}, gradient ${gradient?.toFixed(2)}`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
