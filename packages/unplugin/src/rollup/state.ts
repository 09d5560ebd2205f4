import type { PluginContext } from 'rollup'
import { askHost } from '../core/ask-host.ts'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { type Opened, openCutouts } from '../core/open-cutouts.ts'
import type { Options } from '../core/options.ts'
import { planReference } from '../core/plan-reference.ts'
import { parseReference, stripPostfix } from '../references/reference.ts'

/** What the plugins for Rollup and Rolldown take. */
export interface RollupOptions extends Options {
  /**
   * `false` leaves finished pictures to whoever loads images otherwise, such as Rolldown's `moduleTypes`. Default: `true`,
   * which emits them as assets unless another plugin, such as `@rollup/plugin-url`, loads them first.
   */
  emit?: boolean
}

/** One picture that was asked for, and the place where it was first mentioned. */
export interface Answer {
  planned: PlannedCutout
  site: ImportSite
}

/** What the hooks of one plugin instance share. */
export interface PluginState extends Opened {
  /** Whether Rolldown itself loads the pictures. It reads the file to which an id leads. */
  hostReadsFiles: boolean
  /** Ids of the modules that refer to a photograph. */
  importers: Set<string>
  /** The pictures asked for, by their file and by their place. */
  answers: Map<string, Answer>
}

/** Opens the state for the builds of one process. @throws {Error} naming the option that is wrong */
export function openState({ emit = true, ...options }: RollupOptions, context: PluginContext): PluginState {
  const log = { info: (line: string) => context.info(line), warn: (line: string) => context.warn(line) }
  const opened = openCutouts(options, process.cwd(), log)
  const hostReadsFiles = !emit && 'rolldownVersion' in context.meta
  return { ...opened, hostReadsFiles, importers: new Set(), answers: new Map() }
}

/** What was answered for a module's id. */
export function findAnswer(state: PluginState | undefined, id: string): Answer | undefined {
  return state?.answers.get(stripPostfix(id))
}

/** Whether a specifier or an id is a marked reference or a finished picture. */
export function isOurs(state: PluginState | undefined, id: string): boolean {
  return parseReference(id) !== undefined || findAnswer(state, id) !== undefined
}

/**
 * The `resolveId` hook: a marked import becomes a path beside the photograph, with whatever query words are not ours. The
 * picture is only planned here.
 *
 * @throws {LocatedError}
 */
export async function resolveImport(
  { cutouts, importers, answers, hostReadsFiles }: PluginState,
  context: PluginContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  if (!reference) return undefined
  if (importer) importers.add(importer)
  const site: ImportSite = { text: specifier, importer: importer && stripPostfix(importer) }
  const finder: SourceFinder = {
    importer: site.importer,
    resolve: path => askHost(context, path, site.importer),
  }
  const watch = (source: string) => context.addWatchFile(source)
  const planned = await planReference(cutouts, reference, finder, site, watch)
  if (!planned) return undefined
  const { file, place, postfix } = planned
  for (const path of [file, place]) if (!answers.has(path)) answers.set(path, { planned, site })
  return (hostReadsFiles ? file : place) + postfix
}
