import { field, z } from '@nobg/core/internal'
import type { PluginContext } from 'rollup'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { type OpenedProject, openProject } from '../core/open-project.ts'
import type { Options } from '../core/options.ts'
import { planReference } from '../core/plan-reference.ts'
import { resolveInHost } from '../core/resolve-in-host.ts'
import { type CreationWatch, createCreationWatch } from '../core/watch-creation.ts'
import { parseReference, stripPostfix } from '../references/reference.ts'

/** The options of the plugins for Rollup and Rolldown. */
export interface RollupOptions extends Options {
  /**
   * `true` emits finished pictures as assets, unless another plugin, such as `@rollup/plugin-url`, loads them first. `false`
   * emits nothing: the pictures need another loader, such as Rolldown's `moduleTypes`. Default: `true`.
   */
  emit?: boolean
}

const HOST_FIELDS = { emit: field(z.boolean(), 'true or false') }

/** The state that the hooks of one plugin instance share. */
export interface PluginState extends OpenedProject {
  /** Whether Rolldown itself loads the pictures. It reads the file at a module's id. */
  hostReadsFiles: boolean
  /** Ids of the modules that refer to a photograph. */
  importers: Set<string>
  /** The requested pictures, by file and by module path, with the postfix and without. */
  requested: Map<string, PlannedCutout>
  /** Watches photographs and mattes, which may not exist. */
  creations: CreationWatch
  /** Whether another plugin copies files to names that may have no hash. */
  copiesByName: boolean
}

/** Opens the state for the builds of one process. @throws {Error} the message names the wrong option. */
export function openState(options: RollupOptions, context: PluginContext): PluginState {
  const log = { info: (line: string) => context.info(line), warn: (line: string) => context.warn(line) }
  const opened = openProject(options, process.cwd(), log, {
    hostFields: HOST_FIELDS,
    defersErrors: true,
  })
  const hostReadsFiles = options.emit === false && 'rolldownVersion' in context.meta
  const creations = createCreationWatch()
  return {
    ...opened,
    hostReadsFiles,
    creations,
    copiesByName: false,
    importers: new Set(),
    requested: new Map(),
  }
}

/** Finds the picture of a module's id. */
export function findRequested(state: PluginState | undefined, id: string): PlannedCutout | undefined {
  return state?.requested.get(id) ?? state?.requested.get(stripPostfix(id))
}

/** Whether the id of a module is the file of a finished picture, and not its module path. */
export function isInCache(state: PluginState | undefined, id: string): boolean {
  const planned = findRequested(state, id)
  return planned !== undefined && stripPostfix(id) !== planned.modulePath
}

/** Copies a finished picture to a file with a unique name. @returns absolute path of the copy. */
export async function placeUnique(state: PluginState, planned: PlannedCutout): Promise<string> {
  const copy = await state.cutouts.placeUnique(planned)
  state.requested.set(copy, planned)
  return copy
}

/** Whether a specifier or an id is a marked reference or a finished picture. */
export function isNobgId(state: PluginState | undefined, id: string): boolean {
  return parseReference(id) !== undefined || findRequested(state, id) !== undefined
}

/**
 * The `resolveId` hook: a marked import becomes the picture's module path, with the query words that are not nobg's. The
 * picture is only planned here.
 *
 * @throws {LocatedError}
 */
export async function resolveImport(
  { cutouts, importers, requested, hostReadsFiles, creations }: PluginState,
  context: PluginContext,
  specifier: string,
  importer: string | undefined,
): Promise<string | undefined> {
  const reference = parseReference(specifier)
  if (!reference) return undefined
  if (importer) importers.add(importer)
  const site: ImportSite = { text: specifier, importer: importer && stripPostfix(importer) }
  const finder: SourceFinder = {
    resolve: path => resolveInHost(context, path, site.importer),
  }
  const watch = (file: string) => creations.add(context, file)
  const planned = await planReference(cutouts, reference, finder, site, watch, watch)
  if (!planned) return undefined
  const { file, modulePath, postfix } = planned
  for (const path of [file, modulePath]) {
    requested.set(path + postfix, planned)
    if (!requested.has(path)) requested.set(path, planned)
  }
  return (hostReadsFiles ? file : modulePath) + postfix
}
