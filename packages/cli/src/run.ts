import { readFileSync } from 'node:fs'
import { NobgError } from '@nobg/core'
import { Command, CommanderError } from 'commander'
import { addCacheCommand } from './commands/cache.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addMattesCommand } from './commands/mattes.ts'
import { addModelsCommand } from './commands/models.ts'
import { addRemoveCommand } from './commands/remove.ts'
import { addReviewCommand } from './commands/review.ts'
import { addServeCommand } from './commands/serve.ts'
import { addTypesCommand } from './commands/types.ts'
import { addWorkerCommand } from './commands/worker.ts'
import type { Context } from './context.ts'
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts'
import { separateBareFlags } from './flags.ts'
import { formatError } from './report/format.ts'
import { writeLine } from './report/plain.ts'

const EXAMPLES = `
Examples:
  nobg portrait.jpg                      writes portrait.png next to it
  nobg photos -o cutouts -f webp         every image of a folder; keeps its tree
  nobg 'photos/*.jpg' --background white
  nobg https://example.com/cat.jpg -o cat.png --crop 5%
  nobg - < in.jpg > out.png
  nobg portrait.jpg --matte my-matte.png a matte of your own
  nobg photos -o cutouts --mattes mattes keeps the mattes in a folder for version control
  nobg compare portrait.jpg -m general-light,portrait
  nobg review photos                     a page to compare and correct cutouts
  nobg serve --port 3000 --key KEY       a server for fal's client
`

/** The command line for commander: flags, help, and the action of each command. */
export function createProgram(context: Context): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const program = new Command('nobg')
    .description('Remove the background of images, on your own machine.')
    .version(version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .usage('[options] <inputs...>')
    .addHelpText('after', EXAMPLES)
    .helpCommand('help [command]', 'Print the help of a command.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  addRemoveCommand(program, context)
  addCompareCommand(program, context)
  addModelsCommand(program, context)
  addCacheCommand(program)
  addMattesCommand(program, context)
  addTypesCommand(program, context)
  addDoctorCommand(program, context)
  addReviewCommand(program, context)
  addServeCommand(program, context)
  addWorkerCommand(program, context)
  return program
}

/**
 * Runs one command line.
 *
 * @param words without the name of the program
 * @param signal stops the command; the exit code is then 130
 * @returns the exit code
 */
export async function run(words: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode = 0
  const exit = (code: number) => {
    exitCode = code
  }
  try {
    await createProgram({ signal, exit }).parseAsync(separateBareFlags(words), { from: 'user' })
    return exitCode
  } catch (error) {
    if (signal.aborted) return EXIT_CODES.ABORTED
    // Exit code 0 for help that the user asked for, 2 for help because arguments are missing.
    if (error instanceof CommanderError && /help|version/.test(error.code)) return error.exitCode && 2
    const usageError = error instanceof CommanderError ? toNobgError(error) : error
    writeLine(`nobg: ${formatError(usageError)}`)
    return exitCodeOf(usageError)
  }
}

/** Converts an error of commander. */
function toNobgError({ message }: CommanderError): NobgError {
  const [reason, ...hints] = message.replace(/^error: /, '').split('\n')
  const hint = hints.join(' ').replace(/^\((.*)\)$/, '$1')
  return new NobgError('INVALID_OPTION', `${reason[0].toUpperCase()}${reason.slice(1).replace(/\.$/, '')}.`, {
    hint:
      hint ||
      `${reason.includes('=') ? 'If the flag takes no value, remove the value. ' : ''}Run nobg --help for the list of flags.`,
  })
}
