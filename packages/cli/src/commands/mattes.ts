import { type CheckedMatte, createMatteLibrary, type ListedMatte, type MatteLibrary } from '@nobg/core'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitCodeOfAll } from '../exit-codes.ts'
import { shorten } from '../named-source.ts'
import { alignColumns, describeError, formatError, formatPath } from '../report/format.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, modelSettings, type Settings, toConfig } from '../settings.ts'
import { checkCommandName } from '../unknown-command.ts'

interface Flags extends Settings {
  json?: boolean
  check?: boolean
  byHand?: boolean
}

const HELP = `
STATE: current; outdated (the photograph has changed); unused (the photograph was deleted or moved); unknown (nobg cannot read the
photograph, or made the matte from bytes without a path). BY: model, or hand if you have changed the file.`

/** `nobg mattes`: lists the kept mattes, checks, removes or remakes them. */
export function addMattesCommand(program: Command, { signal, exit }: Context): void {
  const mattes = program
    .command('mattes')
    .description('List, check, remove or remake the mattes of the folder of kept mattes.')
    .option(
      '--check',
      'Check each matte. The exit code is 4 if a matte is outdated, cannot be read or has findings.',
    )
    .option('--json', 'A JSON array on stdout.')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (flags: Flags) => {
      checkCommandName(mattes, mattes.args)
      exit(await (flags.check ? checkAll(flags) : listAll(flags)))
    })
  addSettingFlags(mattes, ['mattes'])

  const prune = mattes
    .command('prune')
    .description('Remove the outdated and unused mattes that nobg made.')
    .option('--by-hand', 'Also remove outdated and unused mattes that were corrected by hand.')
    .option('--json', 'A JSON array of the removed mattes on stdout.')
    .action(async (flags: Flags) => printRemoved(await openLibrary(flags).prune(flags), flags))
  addSettingFlags(prune, ['mattes'])

  const remake = mattes
    .command('remake <file...>')
    .description('Predict mattes again. If that fails, the old file stays.')
    .option('--by-hand', 'Also replace mattes that were corrected by hand.')
    .action(async (files: string[], flags: Flags) => exit(await remakeAll(files, flags, signal)))
  const withoutSubstitute = modelSettings.filter(name => name !== 'substitute')
  addSettingFlags(remake, ['mattes', ...withoutSubstitute])
}

function openLibrary(settings: Settings): MatteLibrary {
  return createMatteLibrary(toConfig(settings, writeLine))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function listAll(flags: Flags): Promise<number> {
  const library = openLibrary(flags)
  const rows = await library.list()
  if (flags.json) print(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) print(`${shorten(library.dir)}: no mattes`)
  else printTable(rows)
  return 0
}

function printTable(rows: readonly ListedMatte[]): void {
  const table = rows.map(({ file, photograph, model, operatingResolution, by, state }) => [
    state,
    by,
    model,
    `${operatingResolution} px`,
    formatPath(shorten(file)),
    photograph ? formatPath(shorten(photograph)) : '',
  ])
  const heads = ['STATE', 'BY', 'MODEL', 'RESOLUTION', 'FILE', 'PHOTOGRAPH']
  for (const line of alignColumns([heads, ...table])) print(line)
}

/** Exit code of a check that found something, as that of `DOUBTFUL_MATTE`. */
const FOUND = 4

async function checkAll(flags: Flags): Promise<number> {
  const checked = await openLibrary(flags).check()
  const bad = checked.filter(matte => describeFaults(matte).length > 0)
  if (flags.json) print(JSON.stringify(checked.map(describeChecked), null, 2))
  else {
    for (const matte of bad) {
      const lines = [formatPath(shorten(matte.file)), ...describeFaults(matte)]
      print(lines.join('\n  '))
    }
    print(`${count(checked)} checked, ${bad.length} with findings`)
  }
  return bad.length > 0 ? FOUND : 0
}

function describeFaults({ state, photograph = '', findings, error }: CheckedMatte): string[] {
  const outdated = `[OUTDATED] The photograph has changed: ${formatPath(shorten(photograph))}`
  return [
    ...(state === 'outdated' ? [outdated] : []),
    ...(error ? [formatError(error)] : []),
    ...findings.map(({ code, message }) => `[${code}] ${message}`),
  ]
}

function describeChecked({ error, ...matte }: CheckedMatte) {
  return { ...matte, ...(error && { error: describeError(error) }) }
}

function printRemoved(removed: readonly ListedMatte[], { json }: Flags): void {
  if (json) {
    print(JSON.stringify(removed, null, 2))
    return
  }
  for (const { file, state } of removed) print(`${formatPath(shorten(file))}: removed, ${state}`)
  print(`${count(removed)} removed`)
}

/** Remakes one matte after the other: a failure does not stop the rest. @returns the exit code */
async function remakeAll(files: readonly string[], flags: Flags, signal: AbortSignal): Promise<number> {
  const library = openLibrary(flags)
  const errors: unknown[] = []
  for (const file of files) {
    try {
      await library.remake(file, { byHand: flags.byHand, signal })
      writeLine(`${formatPath(file)}: made again`)
    } catch (error) {
      signal.throwIfAborted()
      errors.push(error)
      writeLine(`${formatPath(file)}: ${formatError(error)}`)
    }
  }
  return exitCodeOfAll(errors)
}

function count({ length }: readonly unknown[]): string {
  return length === 1 ? '1 matte' : `${length} mattes`
}
