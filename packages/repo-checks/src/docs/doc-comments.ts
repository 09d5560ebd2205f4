import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { REPOSITORY } from './markdown.ts'

/** A documented member of an interface or of a union. */
export interface Documented {
  name: string
  type: string
  text: string
}

/**
 * Reads the fields of an interface from its source, with their doc comments. Fields that are marked as internal are left out.
 *
 * @param file path relative to the repository
 */
export function readFields(file: string, name: string): Documented[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(
    readSource(file),
  )?.[1]
  if (!body) throw new Error(`Expected the interface ${name} in ${file}.`)
  return [...body.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}(\w+)\??: ([^\n]*)$/gms)]
    .map(([, comment, field, type]) => ({
      name: field,
      type: type.split('\n')[0],
      text: cleanComment(comment),
    }))
    .filter(({ text }) => !text.includes('@internal'))
}

/** Reads the members of a union of strings from its source, with their doc comments. */
export function readMembers(file: string, name: string): Documented[] {
  const body = new RegExp(`^export type ${name} =\\n(.*?)\\n\\n`, 'ms').exec(readSource(file))?.[1]
  if (!body) throw new Error(`Expected the type ${name} in ${file}.`)
  return [...body.matchAll(/\/\*\*(.*?)\*\/\s*\| '(\w+)'/gs)].map(([, comment, member]) => ({
    name: member,
    type: 'string',
    text: cleanComment(comment),
  }))
}

/** One row of a table per member. Name and type share a column, so that the table is readable on a narrow screen. */
export function printFields(fields: readonly Documented[]): string {
  const rows = fields.map(
    ({ name, type, text }) => `| \`${name}\`<br>\`${type.replaceAll('|', '\\|')}\` | ${text} |`,
  )
  return ['| name, type | meaning |', '|---|---|', ...rows].join('\n')
}

function readSource(file: string): string {
  return readFileSync(resolve(REPOSITORY, file), 'utf8')
}

/** The text of a comment on one line, safe in a table. */
function cleanComment(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim()
}
