import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { isatty } from 'node:tty'
import { createModelLibrary, NobgError } from '@nobg/core'
import { showValue } from '@nobg/core/internal'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { cutOutAll, planOutcome } from '../cut-out-all.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { findSources, fold, type InputFailure } from '../inputs.ts'
import type { NamedSource } from '../named-source.ts'
import { createReport } from '../report/create.ts'
import type { PictureOutcome } from '../report/report.ts'
import { reportRun } from '../report/run.ts'
import {
  addSettingFlags,
  findOwnFolders,
  modelSettings,
  readSettings,
  type Settings,
  toConfig,
} from '../settings.ts'
import { descriptorOf } from '../streams.ts'
import { filesOf, type Target } from '../target.ts'
import { formatOf, outputFolderOf, outputStreamOf, planTargets } from '../targets.ts'
import { suggestCommand } from '../unknown-command.ts'

interface Flags extends Settings {
  matte?: string
  output?: string
  overwrite?: boolean
  dryRun?: boolean
  json?: boolean
  quiet?: boolean
}

/** The default command: `nobg photo.jpg`. */
export function addRemoveCommand(program: Command, { signal, exit }: Context): void {
  program.argument('[inputs...]', 'Files, folders, globs, pipes, http(s) URLs, or - for stdin.')
  program
    .optionsGroup('Output:')
    .option(
      '-o, --output <path>',
      'Where to write: a file, a folder, a pipe, a device, or - for stdout. Default: a file next to each input.',
    )
    .option(
      '--overwrite',
      'Replace existing files. Without this flag, nobg skips a picture if its output file exists.',
    )
    .option('--dry-run', 'Print what would be written, and write nothing.')
    .option('--json', 'One JSON object per line on stdout: each picture, then a summary.')
    .option('-q, --quiet', 'Print only failures.')
  addOptionFlags(program)
  program.option(
    '--matte <file>',
    'A matte of your own, in place of a predicted one: grayscale (white: subject), or a cutout. For one picture.',
  )
  addSettingFlags(program, [
    'mattes',
    'frozen',
    'quality',
    'concurrency',
    ...modelSettings,
    'cache',
    ...readSettings,
  ])
  program.action(async (words: string[], flags: Flags) => {
    if (words.length === 0 && !isPiped()) program.help({ error: true })
    exit(await removeBackgrounds(words.length > 0 ? words : ['-'], program, flags, signal))
  })
}

/** Removes the backgrounds of all pictures. Checks everything that it can check before it reads pictures. @returns the exit code */
async function removeBackgrounds(
  words: readonly string[],
  program: Command,
  flags: Flags,
  signal: AbortSignal,
): Promise<number> {
  const { output, matte, overwrite = false } = flags
  const options = readOptions(program, { outputFormat: formatOf(output) })
  const stream = outputStreamOf(output)
  // A message between the bytes of a picture would damage it.
  const isBesidePicture = stream !== undefined && descriptorOf(stream) === 2
  const report = createReport({ ...flags, quiet: flags.quiet || isBesidePicture })
  createModelLibrary(toConfig(flags, report.note)).find(options.model)
  // Every file of the output folder is an output, even if another program wrote it.
  const noInputs = [...findOwnFolders(flags), outputFolderOf(output)].filter(folder => folder !== undefined)
  const { sources, leftOut, mattes, inputFailures } = await findSources(words, noInputs)
  checkMisspelledCommand(program, words[0], inputFailures[0])
  if (matte !== undefined) checkOneSource(matte, sources)
  const plan = planTargets(sources, { output, format: options.outputFormat, mask: options.outputMask })
  const { targets, renamed } = plan
  if (matte !== undefined) checkMatteStays(matte, targets)
  inputFailures.push(...plan.inputFailures)
  checkNoTerminal(targets, flags.json)
  if (leftOut.length > 0) report.note(describeLeftOut(leftOut))
  if (mattes.length > 0) report.note(describeMattes(mattes))
  if (renamed.length > 0) report.note(describeRenamed(renamed))

  let skipped = false
  return reportRun(report, targets.length + inputFailures.length, signal, async finishOne => {
    const finish = (outcome: PictureOutcome) => {
      skipped ||= outcome.status === 'skipped'
      finishOne(outcome)
    }
    for (const { label, error } of inputFailures) finish({ source: label, status: 'failed', error })
    if (flags.dryRun) for (const target of targets) finish(planOutcome(target, overwrite))
    else
      await cutOutAll(targets, {
        options: { ...options, matte },
        overwrite,
        settings: flags,
        report,
        finish,
        signal,
      })
    if (skipped) report.note('Existing files were skipped; --overwrite replaces them.')
  })
}

/** `nobg chache stats`: throws if the first word names no file and resembles a command. */
function checkMisspelledCommand(program: Command, word: string, failure: InputFailure | undefined): void {
  const hint = failure?.label === word && suggestCommand(program, word)
  if (!hint) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a picture or a command, got nothing at ${showValue(word)}.`,
    {
      hint,
    },
  )
}

/** Whether stdin is a pipe or a file, and not a terminal or /dev/null. */
function isPiped(): boolean {
  try {
    const stats = fstatSync(0)
    return stats.isFIFO() || stats.isFile() || stats.isSocket()
  } catch {
    return false
  }
}

function describeLeftOut(sources: readonly NamedSource[]): string {
  const [{ label }, ...others] = sources
  const which =
    others.length > 0
      ? `Skipped ${label} and ${others.length} more, because nobg wrote these files`
      : `Skipped ${label}, because nobg wrote this file`
  return `${which}. To process a cutout again, give only its path.`
}

function describeRenamed(sources: readonly NamedSource[]): string {
  const names = sources.map(({ label }) => label).join(', ')
  return `The cutouts of these pictures keep the extension (a.jpg.png), because another picture has the same name: ${names}.`
}

function describeMattes(sources: readonly NamedSource[]): string {
  const names = sources.map(({ label }) => label).join(', ')
  return `Skipped these files, because they are the mattes of photographs beside them: ${names}. To process a matte, give only its path.`
}

/** @throws {NobgError} INVALID_OPTION */
function checkOneSource(matte: string, sources: readonly NamedSource[]): void {
  if (sources.length < 2) return
  throw new NobgError('INVALID_OPTION', `--matte ${matte}: expected one picture, got ${sources.length}.`, {
    hint: 'Put a matte beside each photograph (ada.matte.png beside ada.jpg), which needs no flag.',
  })
}

/** @throws {NobgError} INVALID_OPTION if the cutout would replace the matte */
function checkMatteStays(matte: string, targets: readonly Target[]): void {
  const file = targets.flatMap(filesOf).find(file => fold(file) === fold(resolve(matte)))
  if (!file) return
  throw new NobgError(
    'INVALID_OPTION',
    `--matte ${matte}: expected another file than the cutout, got the file of the cutout.`,
    {
      hint: 'Give another file for the cutout: -o cutout.png',
    },
  )
}

/** A picture must go neither to a terminal nor between lines of JSON. */
function checkNoTerminal(targets: readonly Target[], json = false): void {
  const descriptors = targets.map(({ file }) => descriptorOf(file))
  const isBetweenLines = json && descriptors.includes(1)
  if (!isBetweenLines && !descriptors.some(number => number !== undefined && isatty(number))) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a file or a pipe for the picture, got ${isBetweenLines ? '--json, which uses stdout' : 'a terminal'}.`,
    { hint: 'Give -o portrait.png, or redirect stdout: nobg - < portrait.jpg > portrait.png.' },
  )
}
