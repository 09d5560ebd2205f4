import { fstatSync } from 'node:fs'
import { createModelLibrary, NobgError, showValue } from '@nobg/core'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { cutOutAll, planOutcome } from '../cut-out.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { findSources, type Miss, type Source } from '../inputs.ts'
import { createReport } from '../report/create.ts'
import type { Outcome } from '../report/report.ts'
import { reportRun } from '../report/run.ts'
import { addSettingFlags, modelSettings, type Settings, toConfig } from '../settings.ts'
import { formatOf, outputFolderOf, planTargets, type Target } from '../targets.ts'
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
  program.argument('[inputs...]', 'Files, folders, globs, http(s) URLs, or - for stdin.')
  program
    .optionsGroup('Where it goes:')
    .option('-o, --output <path>', 'A file, a folder, or - for stdout. Default: beside each source.')
    .option('--overwrite', 'Replace files that are there already; they are skipped otherwise.')
    .option('--dry-run', 'Only say what would be written.')
    .option('--json', 'One JSON object a line on stdout: each picture, then a summary.')
    .option('-q, --quiet', 'Say nothing but what failed.')
  addOptionFlags(program)
  addSettingFlags(program, ['concurrency', ...modelSettings, 'cache'])
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
  const report = createReport(flags)
  createModelLibrary(toConfig(flags, report.note)).find(parsed.model)
  const { sources, misses } = await findSources(words, outputFolderOf(output))
  refuseMisspeltCommand(program, words[0], misses[0])
  const { targets, leftOut } = planTargets(sources, { output, format, mask: parsed.outputMask, overwrite })
  refuseStdout(targets, flags.json)
  if (leftOut.length > 0) report.note(describeLeftOut(leftOut))

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
  const which = others.length > 0 ? `${label} and ${others.length} more are` : `${label} is`
  return `${which} left out, being where another picture's cut-out goes; name a file by itself to cut it out.`
}

/** A picture on a terminal is noise, and between lines of JSON it is worse. */
function refuseStdout(targets: readonly Target[], json = false): void {
  if (targets.every(({ file }) => file !== undefined)) return
  if (!json && !process.stdout.isTTY) return
  throw new NobgError(
    'INVALID_OPTION',
    `Expected a file or a pipe for the picture, got ${json ? '--json, which has stdout for itself' : 'a terminal'}.`,
    { hint: 'Give -o portrait.png, or send stdout on: nobg - < portrait.jpg > portrait.png.' },
  )
}
