import { fstatSync } from 'node:fs'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { addSettingFlags, type Settings } from '../settings.ts'
import { formatOf } from '../targets.ts'
import { removeBackgrounds } from './remove.ts'

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
  addSettingFlags(program, [
    'concurrency',
    'threads',
    'substitute',
    'download',
    'modelsDir',
    'cacheDir',
    'cache',
  ])
  program.action(async (words: string[], flags: Flags) => {
    const inputs = words.length > 0 ? words : isPiped() ? ['-'] : undefined
    if (!inputs) program.help({ error: true })
    const { output, overwrite = false, dryRun = false, json = false, quiet = false } = flags
    const { given, parsed } = readOptions(program)
    const outputFormat = given.outputFormat ? parsed.outputFormat : (formatOf(output) ?? parsed.outputFormat)
    const options = { ...given, outputFormat, outputMask: parsed.outputMask }
    exit(
      await removeBackgrounds(
        { words: inputs as string[], options, output, overwrite, dryRun, json, quiet, settings: flags },
        signal,
      ),
    )
  })
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
