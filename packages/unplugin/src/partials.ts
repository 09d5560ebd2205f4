import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type CSSToken, TokenType, tokenize } from '@csstools/css-tokenizer'
import { findCssSpots } from './css-spots.ts'
import { type Location, locateOffset } from './locate.ts'
import { MARKED_TEXT } from './reference.ts'

/** A marked reference in a style sheet that another one pulls in. */
export interface PartialMention {
  specifier: string
  location: Location
}

/** Looks up what a style sheet pulls in: absolute path, or undefined where there is none. */
export type PartialFinder = (specifier: string, importer: string) => Promise<string | undefined>

/** A cheap test that a style sheet may pull in others. */
export const IMPORTING_TEXT: RegExp = /@(?:import|use|forward|require)\b/

/**
 * Finds marked references in the style sheets that one pulls in with `@import`, `@use` and the like, at any depth. No
 * bundler shows those files to plugins, and the smallest originals would end as data URIs, where no marker is left.
 */
export async function findPartialMentions(
  css: string,
  file: string,
  find: PartialFinder,
  seen = new Set<string>([file]),
): Promise<PartialMention[]> {
  const mentions: PartialMention[] = []
  for (const specifier of readImports(css)) {
    const partial = findRelative(specifier, file) ?? (await find(specifier, file))
    if (!partial || seen.has(partial)) continue
    seen.add(partial)
    const text = readFileSync(partial, 'utf8')
    if (MARKED_TEXT.test(text)) mentions.push(...mentionsIn(text, partial))
    mentions.push(...(await findPartialMentions(text, partial, find, seen)))
  }
  return mentions
}

function mentionsIn(text: string, file: string): PartialMention[] {
  return findCssSpots(text, !file.endsWith('.css')).map(({ references: [{ specifier }], start }) => ({
    specifier,
    location: locateOffset(file, text, start),
  }))
}

/** The strings and `url()`s of the importing at-rules, without those that lead to another host. */
function readImports(css: string): string[] {
  if (!IMPORTING_TEXT.test(css)) return []
  const specifiers: string[] = []
  let importing = false
  for (const token of tokenize({ css })) {
    if (token[0] === TokenType.AtKeyword) importing = IMPORTING_TEXT.test(token[1])
    else if (endsRule(token)) importing = false
    else if (importing && (token[0] === TokenType.String || token[0] === TokenType.URL)) {
      specifiers.push(token[4].value)
    }
  }
  return specifiers.filter(specifier => !/^(?:[a-z]{2,}:|\/\/)/i.test(specifier))
}

function endsRule(token: CSSToken): boolean {
  return token[0] === TokenType.Semicolon || token[0] === TokenType.OpenCurly
}

const EXTENSIONS = ['', '.css', '.scss', '.sass', '.less', '.styl', '.pcss']

/** The spellings that preprocessors accept: without extension, with a leading underscore, an index of a folder. */
function findRelative(specifier: string, importer: string): string | undefined {
  const path = join(dirname(importer), specifier)
  const stems = [path, join(dirname(path), `_${basename(path)}`), join(path, 'index'), join(path, '_index')]
  return stems
    .flatMap(stem => EXTENSIONS.map(extension => stem + extension))
    .find(file => statSync(file, { throwIfNoEntry: false })?.isFile())
}
