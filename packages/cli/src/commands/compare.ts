import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { createModelLibrary, NobgError, type OptionsInput, type Progress, type Remover } from '@nobg/core'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { openEngine } from '../engine.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { findSources } from '../inputs.ts'
import { isSheet, markSheet } from '../mark.ts'
import { type NamedSource, openImage, shorten } from '../named-source.ts'
import { createReport } from '../report/create.ts'
import type { Report } from '../report/report.ts'
import { type Finish, reportRun } from '../report/run.ts'
import {
  addSettingFlags,
  findOwnFolders,
  modelSettings,
  readSettings,
  type Settings,
  toConfig,
} from '../settings.ts'
import { type ContactRow, drawContactSheet } from '../sheet/contact-sheet.ts'
import { descriptorOf } from '../streams.ts'
import { findLongName } from '../target.ts'
import { outputFolderOf, outputStreamOf } from '../targets.ts'
import { sendBytes, writeBytes } from '../write-file.ts'

interface Flags extends Settings {
  model: string
  output?: string
  overwrite?: boolean
  quiet?: boolean
}

/** Background of the last column by default. */
const COLOR = '#12a594'

/** `nobg compare a.jpg --model x,y`: cutouts of several models side by side. */
export function addCompareCommand(program: Command, { signal, exit }: Context): void {
  const compare = program
    .command('compare <inputs...>')
    .description('Draw photograph, mask and cutout of each picture and model side by side, as one PNG.')
  compare
    .option('-m, --model <ids>', 'The models to compare, separated by commas.', 'general-light')
    .option('-o, --output <file>', 'The PNG to write. Default: <name>-compare.png next to the first picture.')
    .option('--overwrite', 'Replace the output file even if it is not a sheet of nobg compare.')
    .option('-q, --quiet', 'Print only failures.')
  const leftOut = ['model', 'outputFormat', 'outputQuality', 'outputLossless', 'outputMask', 'crop'] as const
  addOptionFlags(compare, leftOut, {
    backgroundColor: `CSS color behind the cutouts of the sheet. Default: ${COLOR}.`,
  })
  addSettingFlags(compare, [...modelSettings, 'cache', ...readSettings])
  compare.action(async (words: string[], flags: Flags) => {
    // The sheet draws the color itself.
    const { backgroundColor: color = COLOR, ...options } = readOptions(compare)
    exit(await comparePictures({ words, options, color, flags, signal }))
  })
}

interface Comparison {
  words: readonly string[]
  options: OptionsInput
  color: string
  flags: Flags
  signal: AbortSignal
}

async function comparePictures({ words, options, color, flags, signal }: Comparison): Promise<number> {
  const { sources, inputFailures } = await findSources(words, findOwnFolders(flags))
  const stream = outputStreamOf(flags.output)
  // A message between the bytes of a picture would damage it.
  const isBesidePicture = stream !== undefined && descriptorOf(stream) === 2
  const report = createReport({ quiet: flags.quiet || isBesidePicture })
  const library = createModelLibrary(toConfig(flags, report.note))
  const models = flags.model.split(',').map(name => library.find(name).id)
  if (sources.length === 0) throw inputFailures[0].error
  const file = stream ?? chooseFile(flags.output, sources)
  if (!stream && existsSync(file) && !flags.overwrite && !(await isSheet(file))) {
    report.note(
      `${shorten(file)} exists already and is not a sheet of nobg compare. Use --overwrite to replace the file.`,
    )
    return 0
  }
  const total = sources.length * models.length + inputFailures.length
  return reportRun(report, total, signal, async finish => {
    for (const { label, error } of inputFailures) finish({ source: label, status: 'failed', error })
    await using engine = await openEngine(flags, report.note)
    const run = { options, report, finish, signal }
    const rows: ContactRow[] = []
    for (const source of sources) rows.push(...(await makeRows(engine.remover, source, models, run)))
    if (rows.length > 0 && !signal.aborted) {
      const { data } = await (await drawContactSheet(rows, color)).png().toUint8Array()
      const marked = markSheet(data)
      await (stream ? sendBytes(stream, marked, signal) : writeBytes(file, marked))
      report.note(`${rows.length === 1 ? 'One row' : `${rows.length} rows`} → ${shorten(file)}`)
    }
  })
}

interface ComparisonRun {
  options: OptionsInput
  report: Report
  finish: Finish
  signal: AbortSignal
}

/** One row for each model that did not fail. */
async function makeRows(
  remover: Remover,
  source: NamedSource,
  models: readonly string[],
  { options, report, finish, signal }: ComparisonRun,
): Promise<ContactRow[]> {
  const rows: ContactRow[] = []
  let photograph: Uint8Array | undefined
  for (const model of models) {
    const label = `${source.label}, ${model}`
    const onProgress = (progress: Progress) => report.progress(label, progress)
    const started = performance.now()
    try {
      // A stream can be read only once, and a URL should be fetched only once.
      const isFile = typeof source.image === 'string'
      const image = isFile || !photograph ? openImage(source) : photograph
      const plan = await remover.plan(image, { ...options, model, matte: false, signal })
      photograph ??= await plan.source.bytes()
      const { file, cached } = await remover.ensure(plan, { signal, onProgress })
      const substitute = plan.model.id === model ? '' : ` (replaced by ${plan.model.id})`
      rows.push({ photograph, cutout: file, label: `${captionOf(source)}, ${model}${substitute}` })
      finish({ source: label, status: 'written', cached, ms: Math.round(performance.now() - started) })
    } catch (error) {
      if (signal.aborted) return []
      finish({ source: label, status: 'failed', error })
    }
  }
  return rows
}

/** The file name of a picture. A sheet may be shown to others, so that it contains no folders of this machine. */
function captionOf({ path, label }: NamedSource): string {
  return path === undefined ? label : basename(path)
}

/** Path of the sheet: `-o`, or `<name>-compare.png` in the folder of `-o` or next to the first picture. */
function chooseFile(output: string | undefined, sources: readonly NamedSource[]): string {
  const [{ name, path }] = sources
  const folder = outputFolderOf(output) ?? (path ? dirname(path) : '.')
  const file = resolve(
    output !== undefined && outputFolderOf(output) === undefined
      ? output
      : join(folder, `${name}-compare.png`),
  )
  if (!/\.png$/i.test(file))
    throw new NobgError(
      'INVALID_OPTION',
      `-o ${output}: expected a name that ends in .png, got ${extname(file) || 'no extension'}.`,
      {
        hint: 'Change the name: -o sheet.png',
      },
    )
  if (sources.some(source => source.path === file))
    throw new NobgError('INVALID_OPTION', `-o ${output}: expected a new file, got a source.`, {
      hint: 'Give another name: -o sheet.png',
    })
  const error = findLongName({ file })
  if (error) throw error
  return file
}
