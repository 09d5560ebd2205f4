// `pnpm --filter @nobg/bench run findings [folder] [--count 12] [--write]`: how well core's check of mattes tells bad from good.
// `--compare`: what a comparison with the matte of the other model would add. IS-Net then sees all scenes: 10 minutes.
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from '../describe-machine.ts'
import { isnetPath } from '../isnet.ts'
import { insertFigures } from '../quality/report.ts'
import { judgeCases } from './cases.ts'
import { openPredictor } from './predictor.ts'
import { formatComparison, formatFindings } from './report.ts'
import { readPhotographs } from './subjects.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const page = join(root, 'docs', 'quality.md')
/** Predictions take the time. They stay here for the next run. */
const cacheDir = fileURLToPath(new URL('../../node_modules/.cache/findings', import.meta.url))
const command = 'pnpm --filter @nobg/bench run findings --write'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '12' },
    write: { type: 'boolean' },
    compare: { type: 'boolean' },
  },
})
const folder = positionals[0]
  ? resolve(process.env.INIT_CWD ?? '.', positionals[0])
  : resolve(root, '..', 'shared')

if (!isnetPath()) say('Skipped: IS-Net is missing. pnpm --filter @nobg/bench run peers --only isnet')
else await run()

async function run(): Promise<void> {
  await using predictor = openPredictor(cacheDir)
  const photographs = await readPhotographs(folder, predictor)
  if (!photographs.some(({ isTrue }) => isTrue)) {
    say(`Skipped: no truth/<name>.image.png with truth/<name>.alpha.png in ${folder}.`)
    return
  }
  const seesAll = values.compare ?? false
  const cases = await judgeCases(photographs, predictor, { count: Number(values.count), seesAll }, say)
  if (seesAll) {
    process.stdout.write(`${formatComparison(cases)}\n`)
    return
  }
  for (const { name, model, label, findings } of cases) {
    const codes = findings.map(({ code, figure }) => `${code} ${figure.toFixed(3)}`).join(', ')
    if ((label === 'bad') !== findings.length > 0 && label !== 'gray')
      say(`  ${label}: ${name}, ${model}: ${codes || 'no finding'}`)
  }
  const figures = `${formatFindings(cases)}\n\n${describeMachine()}: ${cases.length} mattes, ${values.count} scenes of each subject.`
  process.stdout.write(`${figures}\n`)
  if (values.write) await writeFile(page, insertFigures(await readFile(page, 'utf8'), figures, command))
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
