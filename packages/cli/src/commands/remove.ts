import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'
import { createModelLibrary, NobgError } from '@nobg/core'
import { showValue } from '@nobg/core/internal'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { cutOutAll, planOutcome } from '../cut-out.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { findSources, type Miss } from '../inputs.ts'
import { createReport } from '../report/create.ts'
import type { Outcome } from '../report/report.ts'
import { reportRun } from '../report/run.ts'
import {
  addSettingFlags,
  findOwnFolders,
  modelSettings,
  readSettings,
  type Settings,
  toConfig,
} from '../settings.ts'
import type { Source } from '../source.ts'
import { descriptorOf } from '../streams.ts'
import type { Target } from '../target.ts'
import { formatOf, outputFolderOf, outputStreamOf, planTargets } from '../targets.ts'
import { suggestCommand } from '../unknown-command.ts'

interface Flags extends Settings {
  output?: string
  overwrite?: boolean
  dryRun?: boolean
  json?: boolean
  quiet?: boolean
}

/** The program's own work: `nobg photo.jpg`. */
export function addRemoveCommand(program: Command, { signal, exit }: Context): void {
  program.argument('[inputs...]', 'Files, folders, globs, pipes, http(s) URLs, or - for stdin.')
  program
    .optionsGroup('Where it goes:')
    .option(
      '-o, --output <path>',
      'A file, a folder, a pipe or device, or - for stdout. Default: beside each source.',
    )
    .option('--overwrite', 'Replace files that are there already; they are skipped otherwise.')
    .option('--dry-run', 'Only say what would be written.')
    .option('--json', 'One JSON object a line on stdout: each picture, then a summary.')
    .option('-q, --quiet', 'Say nothing but what failed.')
  addOptionFlags(program)
  addSettingFlags(program, ['concurrency', ...modelSettings, 'cache', ...readSettings])
  program.action(async (words: string[], flags: Flags) => {
    if (words.length === 0 && !isPiped()) program.help({ error: true })
    exit(await removeBackgrounds(words.length > 0 ? words : ['-'], program, flags, signal))
  })
}

/** Cuts out one picture or many, and gives the exit code. Whatever can be refused is refused before anything is read. */
async function removeBackgrounds(
  words: readonly string[],
  program: Command,
  flags: Flags,
  signal: AbortSignal,
): Promise<number> {
  const { output, overwrite = false } = flags
  const { given, parsed } = readOptions(program)
  const format = given.outputFormat ? parsed.outputFormat : (formatOf(output) ?? parsed.outputFormat)
  const stream = outputStreamOf(output)
  // A line between the bytes of a picture would break it.
  const isBesidePicture = stream !== undefined && descriptorOf(stream) === 2
  const report = createReport({ ...flags, quiet: flags.quiet || isBesidePicture })
  createModelLibrary(toConfig(flags, report.note)).find(parsed.model)
  // What lies in the folder that is written into is a result, whoever made it.
  const noInputs = [...findOwnFolders(flags), outputFolderOf(output)].filter(folder => folder !== undefined)
  const { sources, leftOut, misses } = await findSources(words, noInputs)
  refuseMisspeltCommand(program, words[0], misses[0])
  const plan = planTargets(sources, { output, format, mask: parsed.outputMask })
  const { targets, renamed } = plan
  misses.push(...plan.misses)
  refuseTerminal(targets, flags.json)
  if (leftOut.length > 0) report.note(describeLeftOut(leftOut))
  if (renamed.length > 0) report.note(describeRenamed(renamed))

  let skipped = false
  return reportRun(report, targets.length + misses.length, signal, async tell => {
    const finish = (outcome: Outcome) => {
      skipped ||= outcome.status === 'skipped'
      tell(outcome)
    }
    for (const { label, error } of misses) finish({ source: label, status: 'failed', error })
    if (flags.dryRun) for (const target of targets) finish(planOutcome(target, overwrite))
    else {
      const options = { ...given, outputFormat: format }
      await cutOutAll(targets, { options, overwrite, settings: flags, report, finish, signal })
    }
    if (skipped) report.note('Files that are there already are left as they are; --overwrite replaces them.')
  })
}

/** `nobg chache stats`: nothing is cut out where the first word was meant to be a command. */
function refuseMisspeltCommand(program: Command, word: string, miss: Miss | undefined): void {
  const hint = miss?.label === word && suggestCommand(program, word)
  if (!hint) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a picture or a command, got nothing at ${showValue(word)}.`,
    {
      hint,
    },
  )
}

/** Whether stdin is a pipe or a file; a terminal or /dev/null has nothing to give. */
function isPiped(): boolean {
  try {
    const stats = fstatSync(0)
    return stats.isFIFO() || stats.isFile() || stats.isSocket()
  } catch {
    return false
  }
}

function describeLeftOut(sources: readonly Source[]): string {
  const [{ label }, ...others] = sources
  const which =
    others.length > 0
      ? `${label} and ${others.length} more are left out: they are`
      : `${label} is left out: it is`
  return `${which} what nobg wrote. Name a cut-out by itself to cut it out again.`
}

function describeRenamed(sources: readonly Source[]): string {
  const names = sources.map(({ label }) => label).join(', ')
  return `These keep their extension in the name of the cut-out (a.jpg.png), since another picture has that name: ${names}.`
}

/** A picture on a terminal is noise, and between lines of JSON it is worse. */
function refuseTerminal(targets: readonly Target[], json = false): void {
  const descriptors = targets.map(({ file }) => descriptorOf(file))
  const isBetweenLines = json && descriptors.includes(1)
  if (!isBetweenLines && !descriptors.some(number => number !== undefined && isatty(number))) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a file or a pipe for the picture, got ${isBetweenLines ? '--json, which has stdout for itself' : 'a terminal'}.`,
    { hint: 'Give -o portrait.png, or send stdout on: nobg - < portrait.jpg > portrait.png.' },
  )
}
