import { EXIT_CODES } from 'nobg/internal'
import { createProgram } from '../../../cli/src/run.ts'

type Command = ReturnType<typeof createProgram>
type Option = Command['options'][number]

/** The page of the command line, made of commander's description of it. */
export function printCommandLinePage(): string {
  const program = createProgram({ signal: new AbortController().signal, exit: () => {} })
  return `# Command line

\`npx nobg\` runs the newest release without an installation. \`npm i -D nobg\` adds nobg to a project.

${listCommands(program).map(printCommand).join('\n\n')}

## Exit codes

| exit code | errors |
|---|---|
| 0 | none |
| 1 | an error of the system, failures of several kinds, an outdated file in \`types --check\`, or a failed check of \`doctor\` |
${printExitCodes()}

[The errors](errors.md)
`
}

/** A command, and all commands below it, without `help`. */
function listCommands(command: Command): Command[] {
  return [command, ...command.commands.filter(child => child.name() !== 'help').flatMap(listCommands)]
}

function printCommand(command: Command): string {
  const help = command.createHelp()
  const words = nameCommand(command)
  const groups = Map.groupBy(help.visibleOptions(command), headingOf)
  return [
    `## ${words}`,
    help.commandDescription(command) || help.subcommandDescription(command),
    `\`\`\`text\n${help.commandUsage(command)}\n\`\`\``,
    ...help
      .visibleArguments(command)
      .map(argument => `\`${argument.name()}\`: ${help.argumentDescription(argument)}`),
    ...[...groups].flatMap(([heading, options]) => [`**${heading}**`, printOptions(command, options)]),
  ].join('\n\n')
}

function printOptions(command: Command, options: readonly Option[]): string {
  const help = command.createHelp()
  const rows = options.map(option => {
    const text = help.optionDescription(option).replaceAll('|', '\\|').replaceAll('<', '&lt;')
    return `| \`${help.optionTerm(option)}\` | ${text} |`
  })
  return ['| flag | meaning |', '|---|---|', ...rows].join('\n')
}

function headingOf(option: Option): string {
  return (option.helpGroupHeading ?? 'Options').replace(/:$/, '')
}

function nameCommand(command: Command): string {
  return command.parent ? `${nameCommand(command.parent)} ${command.name()}` : command.name()
}

function printExitCodes(): string {
  const groups = Map.groupBy(Object.entries(EXIT_CODES), ([, exitCode]) => exitCode)
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([exitCode, errors]) => `| ${exitCode} | ${errors.map(([code]) => `\`${code}\``).join(', ')} |`)
    .join('\n')
}
