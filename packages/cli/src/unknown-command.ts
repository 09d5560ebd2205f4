import { NobgError } from '@nobg/core'
import { findSuggestion, showValue } from '@nobg/core/internal'
import type { Command } from 'commander'

/** A hint that names the command or flag that resembles a word; `undefined` if none does. */
export function suggestCommand(parent: Command, word: string): string | undefined {
  const names = [...parent.commands.map(command => command.name()), '--help', '--version']
  // Two edits turn any word of two letters into any other: `ls` does not mean `rm`.
  const name = findSuggestion(word, names, Math.min(2, word.length - 1))
  return name && `Did you mean ${spell(parent)} ${name}?`
}

/** @throws {NobgError} INVALID_OPTION if a command that takes only its own commands got another word */
export function checkCommandName(parent: Command, [word]: readonly string[]): void {
  if (word === undefined) return
  const names = parent.commands.map(command => command.name()).join(', ')
  throw new NobgError(
    'INVALID_OPTION',
    `${spell(parent)}: expected one of ${names}; got ${showValue(word)}.`,
    {
      hint: suggestCommand(parent, word) ?? `${spell(parent)} --help lists the commands: choose one of them.`,
    },
  )
}

function spell(command: Command): string {
  return command.parent ? `${spell(command.parent)} ${command.name()}` : command.name()
}
