import type { PluginContext } from 'rollup'
import { askHost } from '../ask-host.ts'
import type { PlannedCutout } from '../cutouts.ts'
import type { Mention } from '../explain.ts'
import type { SourceFinder } from '../find-source.ts'
import { type Opened, openCutouts } from '../open-cutouts.ts'
import type { Options } from '../options.ts'
import { planReference } from '../plan-reference.ts'
import { parseReference, stripPostfix } from '../reference.ts'

/** One picture that was asked for, and the place where it was first mentioned. */
export interface Answer {
  planned: PlannedCutout
  mention: Mention
}

/** What the hooks of one plugin instance share. */
export interface Door extends Opened {
  /** Ids of the modules that refer to a photograph. */
  importers: Set<string>
  /** The pictures asked for, by file. */
  answers: Map<string, Answer>
}

/** Opens the door for the builds of one process. @throws {Error} naming the option that is wrong */
export function openDoor(options: Options, context: PluginContext): Door {
  const log = { info: (line: string) => context.info(line), warn: (line: string) => context.warn(line) }
  return { ...openCutouts(options, process.cwd(), log), importers: new Set(), answers: new Map() }
}

/** What was answered for a module's id. */
export function findAnswer(door: Door | undefined, id: string): Answer | undefined {
  return door?.answers.get(stripPostfix(id))
}

/** Whether a specifier or an id is a marked reference or a finished picture. */
export function isOurs(door: Door | undefined, id: string): boolean {
  return parseReference(id) !== undefined || findAnswer(door, id) !== undefined
}

/**
 * The `resolveId` hook: a marked import becomes the finished picture's file, which is only planned here, with whatever
 * query words are not ours.
 *
 * @throws {LocatedError}
 */
export async function resolveImport(
  { cutouts, importers, answers }: Door,
  context: PluginContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  if (!reference) return undefined
  if (importer) importers.add(importer)
  const mention: Mention = { text: specifier, importer: importer && stripPostfix(importer) }
  const finder: SourceFinder = {
    importer: mention.importer,
    resolve: path => askHost(context, path, mention.importer),
  }
  const watch = (source: string) => context.addWatchFile(source)
  const planned = await planReference(cutouts, reference, finder, mention, watch)
  if (!planned) return undefined
  if (!answers.has(planned.file)) answers.set(planned.file, { planned, mention })
  return planned.file + planned.postfix
}
