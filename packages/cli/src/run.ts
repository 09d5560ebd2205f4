import { readFileSync } from 'node:fs'
import { NobgError } from '@nobg/core'
import { Command, CommanderError } from 'commander'
import { addCacheCommand } from './commands/cache.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addModelsCommand } from './commands/models.ts'
import { addRemoveCommand } from './commands/remove.ts'
import { addServeCommand } from './commands/serve.ts'
import { addWorkerCommand } from './commands/worker.ts'
import type { Context } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { separateBareFlags } from './flags.ts'
import { formatError } from './report/format.ts'
import { writeLine } from './report/plain.ts'

const EXAMPLES = `
Examples:
  nobg portrait.jpg                      writes portrait.png beside it
  nobg photos -o cutouts -f webp         every image of a folder, its tree kept
  nobg 'photos/*.jpg' --background white
  nobg https://example.com/cat.jpg -o cat.png --crop 5%
  nobg - < in.jpg > out.png
  nobg compare portrait.jpg -m general-light,portrait
  nobg serve --port 3000 --key KEY       for fal's own client
`

/** The command line, as commander sees it: flags, help, and what each command does. */
export function createProgram(context: Context): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const program = new Command('nobg')
    .description('Remove the background of images, on your own machine.')
    .version(version, '-V, --version', 'The version of nobg.')
    .helpOption('-h, --help', 'This help.')
    .usage('[options] <inputs...>')
    .addHelpText('after', EXAMPLES)
    .helpCommand('help [command]', 'The help of a command.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  addRemoveCommand(program, context)
  addCompareCommand(program, context)
  addModelsCommand(program, context)
  addCacheCommand(program)
  addServeCommand(program, context)
  addWorkerCommand(program, context)
  return program
}

/**
 * Runs one command line.
 *
 * @param words without the program's own name
 * @param signal stops the work; the exit code is then 130
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
    if (signal.aborted) return exitCodes.ABORTED
    // Help that was asked for is no error; help in place of work is.
    if (error instanceof CommanderError && /help|version/.test(error.code)) return error.exitCode && 2
    const refusal = error instanceof CommanderError ? readRefusal(error) : error
    writeLine(`nobg: ${formatError(refusal)}`)
    return exitCodeOf(refusal)
  }
}

/** What commander refuses, as an error of ours. */
function readRefusal({ message }: CommanderError): NobgError {
  const [what, ...hints] = message.replace(/^error: /, '').split('\n')
  const hint = hints.join(' ').replace(/^\((.*)\)$/, '$1')
  return new NobgError('INVALID_OPTION', `${what[0].toUpperCase()}${what.slice(1).replace(/\.$/, '')}.`, {
    hint: hint || `nobg --help lists what there is${what.includes('=') ? '; a switch takes no value' : ''}.`,
  })
}
