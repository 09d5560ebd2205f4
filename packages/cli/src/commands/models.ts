import { createModelLibrary, type ListedModel, type ModelLibrary } from '@nobg/core'
import { findHome, formatBytes } from '@nobg/core/internal'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitCodeOfAll } from '../exit-codes.ts'
import { createReport } from '../report/create.ts'
import { alignColumns, describeError, formatError } from '../report/format.ts'
import { writeLine } from '../report/plain.ts'
import type { PictureOutcome } from '../report/report.ts'
import { reportRun } from '../report/run.ts'
import { addSettingFlags, type Settings, toConfig } from '../settings.ts'
import { checkCommandName } from '../unknown-command.ts'

interface Flags extends Settings {
  json?: boolean
}

/** `nobg models`: lists models and manages their weights. */
export function addModelsCommand(program: Command, { signal, exit }: Context): void {
  const models = program
    .command('models')
    .description('List the models: use, cost, size, path and license.')
    .option('--json', 'A JSON array on stdout.')
    .allowExcessArguments()
    .action(async (flags: Flags) => {
      checkCommandName(models, models.args)
      const rows = await openLibrary(flags).list()
      if (flags.json) print(JSON.stringify(rows.map(describeModel), null, 2))
      else printTable(rows)
    })
  addSettingFlags(models, ['modelsDir'])

  const pull = models
    .command('pull <id...>')
    .description('Download weights and optimize them.')
    .option('--json', 'One JSON object per line on stdout, progress included.')
    .action(async (ids: string[], flags: Flags) => exit(await pullAll(ids, flags, signal)))
  const verify = models
    .command('verify [id...]')
    .description(
      'Check size and sha256 of weights and optimized graphs on disk. Without ids: of all installed models.',
    )
    .option('--json', 'A JSON array on stdout.')
    .action(async (ids: string[], flags: Flags) => exit(await verifyAll(ids, flags)))
  const path = models
    .command('path <id>')
    .description('Print the path of the weights, whether or not the file exists.')
    .action(async (id: string, flags: Flags) => print((await openLibrary(flags).locate(id)).path))
  const rm = models
    .command('rm <id...>')
    .description('Remove downloaded weights, partial downloads and optimized graphs.')
    .action(async (ids: string[], flags: Flags) => exit(await removeAll(ids, flags)))
  for (const command of [pull, verify, path, rm]) addSettingFlags(command, ['modelsDir', 'weightsPrecision'])
}

function openLibrary(settings: Settings, note: (line: string) => void = writeLine): ModelLibrary {
  return createModelLibrary(toConfig(settings, note))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints a line with figures and a line with words for each model: at most 100 columns, except for long paths. */
function printTable(rows: readonly ListedModel[]): void {
  const table = rows.map(({ model, installed }) => [
    model.id,
    model.cost ? `${model.cost.cpuSeconds} s${markOf(model)}` : '',
    model.cost ? `${formatBytes(model.cost.peakBytes)}${markOf(model)}` : '',
    model.bytes ? formatBytes(model.bytes) : '',
    installed ? 'yes' : 'no',
    model.license.replace(/ \(.*/s, '†'),
  ])
  const heads = ['MODEL', 'CPU', 'MEMORY', 'WEIGHTS', 'INSTALLED', 'LICENSE']
  const [head, ...lines] = alignColumns([heads, ...table])
  print(head)
  for (const [index, { model, installed, path }] of rows.entries()) {
    print(lines[index])
    print(`  ${[model.purpose, model.description].filter(Boolean).join(' · ')}`)
    if (installed) print(`  ${shortenHome(path)}`)
  }
  print(`\n${COST_NOTE}`)
  for (const { model } of rows.filter(({ model }) => / \(/.test(model.license)))
    print(`† ${model.id}: ${model.license}.`)
  print('\nTraining data, as the authors state them:')
  for (const { model } of rows.filter(({ model }) => model.trainedOn))
    print(`  ${model.id}: ${model.trainedOn}`)
}

const COST_NOTE = `CPU and MEMORY: processor time and peak memory per picture on 2 x AMD EPYC.
* Measured with random weights of the same architecture, one run.`

function markOf({ cost }: ListedModel['model']): string {
  return cost?.isArchitecture ? '*' : ''
}

function shortenHome(path: string): string {
  const home = findHome()
  return home ? path.replace(home, '~') : path
}

function describeModel({ model, ...place }: ListedModel) {
  const { id, falName, purpose, description, trainedOn, cost, license, bytes, sha256 } = model
  return { id, falName, purpose, description, trainedOn, cost, license, bytes, sha256, ...place }
}

async function pullAll(ids: readonly string[], settings: Flags, signal: AbortSignal): Promise<number> {
  const report = createReport(settings, 'model')
  const library = openLibrary(settings, report.note)
  // Finds a misspelled name before the first download.
  for (const id of ids) library.find(id)
  return reportRun(report, ids.length, signal, async finish => {
    for (const id of ids) {
      const outcome = await pullOne(library, id, { signal, onProgress: report.progress.bind(report, id) })
      if (signal.aborted) return
      finish(outcome)
    }
  })
}

async function pullOne(
  library: ModelLibrary,
  id: string,
  run: Parameters<ModelLibrary['pull']>[1],
): Promise<PictureOutcome> {
  const started = performance.now()
  try {
    const { installed } = await library.locate(id)
    const file = await library.pull(id, run)
    return { source: id, status: installed ? 'skipped' : 'written', file, ms: performance.now() - started }
  } catch (error) {
    return { source: id, status: 'failed', error }
  }
}

async function verifyAll(ids: readonly string[], settings: Flags): Promise<number> {
  const library = openLibrary(settings)
  const installed = (await library.list()).filter(row => row.installed).map(({ model }) => model.id)
  const results: { id: string; path?: string; error?: unknown }[] = []
  for (const id of ids.length > 0 ? ids : installed) {
    const result = await library.verify(id).then(
      path => ({ id, path }),
      error => ({ id, error }),
    )
    results.push(result)
    if (settings.json) continue
    if ('error' in result) writeLine(`${id}: ${formatError(result.error)}`)
    else print(`${id}: whole  ${result.path}`)
  }
  if (settings.json) {
    const rows = results.map(({ error, ...row }) => ({
      ...row,
      ok: !error,
      ...(error !== undefined && { error: describeError(error) }),
    }))
    print(JSON.stringify(rows, null, 2))
  }
  return exitCodeOfAll(results.flatMap(({ error }) => error ?? []))
}

async function removeAll(ids: readonly string[], settings: Settings): Promise<number> {
  const library = openLibrary(settings)
  const errors: unknown[] = []
  for (const id of ids) {
    try {
      print((await library.remove(id)) ? `${id}: removed` : `${id}: not installed`)
    } catch (error) {
      errors.push(error)
      writeLine(`${id}: ${formatError(error)}`)
    }
  }
  return exitCodeOfAll(errors)
}
