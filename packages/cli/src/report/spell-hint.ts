import { optionNames, spellOption } from '@nobg/core/internal'
import { findSettingFlag } from '../settings.ts'

/**
 * A hint of core with flags in place of options and config fields: `maxBytes` becomes `--max-bytes`. Sentences about config that no flag
 * sets are left out.
 */
export function spellHint(hint: string | undefined): string | undefined {
  const spelled = hint
    ?.replace(/`(\w+)` in the config/g, '`$1`')
    .replace(/the config field (\w+): '(\w+)'/g, '`$1` $2')
    .replace(/\{ model: '(\w+)' \}/g, '--model $1')
    .replace(/`(\w+)`(, or )?/g, (text, field: string, or = '') => {
      const flag = findSettingFlag(field) ?? findOptionFlag(field)
      return flag ? flag + or : or ? '' : text
    })
  const sentences = spelled?.split(/(?<=[.:;]) (?=[A-Z])/) ?? []
  return sentences.filter(sentence => !/\bconfig\b/.test(sentence)).join(' ') || undefined
}

function findOptionFlag(name: string): string | undefined {
  return (optionNames as readonly string[]).includes(name) ? `--${spellOption(name, 'kebab')}` : undefined
}
