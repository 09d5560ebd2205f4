import { NobgError } from '@nobg/core'
import { findSuggestion, showValue } from '@nobg/core/internal'
import type { Command } from 'commander'

/** Asks whether a word was meant to be a command; `undefined` where it resembles none. */
export function suggestCommand(parent: Command, word: string): string | undefined {
  const names = [...parent.commands.map(command => command.name()), '--help', '--version']
  // Of a word of two letters another one can be made of anything: `ls` does not mean `rm`.
  const name = findSuggestion(word, names, Math.min(2, word.length - 1))
  return name && `Did you mean ${spell(parent)} ${name}?`
}

/** @throws {NobgError} INVALID_OPTION where a command that takes no words but its own commands was given another */
export function refuseUnknownCommand(parent: Command, [word]: readonly string[]): void {
  if (word === undefined) return
  const names = parent.commands.map(command => command.name()).join(', ')
  throw new NobgError(
    'INVALID_OPTION',
    `${spell(parent)}: expected one of ${names}; got ${showValue(word)}.`,
    {
      hint: suggestCommand(parent, word) ?? `${spell(parent)} --help lists what there is.`,
    },
  )
}

function spell(command: Command): string {
  return command.parent ? `${spell(command.parent)} ${command.name()}` : command.name()
}
