import type { SourceMap } from 'magic-string'
import type { ResolvedConfig, ViteDevServer } from 'vite'
import type { Cutouts } from '../core/cutouts.ts'
import type { ImportSite } from '../core/errors.ts'
import { openProject } from '../core/open-project.ts'
import type { Options, ResolvedOptions } from '../core/options.ts'

/** One picture on its way. */
export interface Delivery {
  startedAt: number
  job: Promise<void>
  settled: boolean
  /** Who was answered with the photograph meanwhile: ids of modules and pages. */
  late: Set<string>
}

/** What the hooks of one plugin instance share. */
export interface PluginState {
  options: ResolvedOptions
  config: ResolvedConfig
  cutouts: Cutouts
  /** Absent in a build. */
  server: ViteDevServer | undefined
  /** Who refers to a photograph: its absolute path, existing or hoped for → ids of modules and pages. */
  importers: Map<string, Set<string>>
  /** The pictures asked for, by the file they are to become; what failed may be asked for again. */
  deliveries: Map<string, Delivery>
  /** Where a finished picture was first asked for, to be named when it cannot be made. */
  sites: Map<string, ImportSite>
  /** Marked references of which only Vite's reading the file was seen, by their description. */
  unprocessed: Set<string>
  /** Watches a photograph that no module's hook can name to the host. */
  watch(file: string): void
}

/** Code and source map, as a `transform` hook returns them. */
export interface Transformed {
  code: string
  map: SourceMap
}

/** The part of a plugin context that the hooks use: Rollup's, Rolldown's and Vite's own have it in common. */
export interface HookContext {
  resolve(
    source: string,
    importer?: string,
    options?: { skipSelf?: boolean; isEntry?: boolean },
  ): Promise<{ id: string; external?: unknown } | null>
  addWatchFile(id: string): void
}

/** A dev server's environment, as far as every version of Vite has one. */
export interface Environment<Module> {
  name: string
  moduleGraph: {
    getModuleById(id: string): Module | undefined
    getModulesByFile(file: string): Set<Module> | undefined
  }
}

/**
 * Opens the state for one resolved config, and lets the dev server serve the finished pictures.
 *
 * @throws {Error} naming the option that is wrong
 */
export function openState(input: Options | undefined, config: ResolvedConfig): PluginState {
  const { logger, root } = config
  const { options, cutouts } = openProject(input, root, {
    info: line => logger.info(line),
    warn: line => logger.warn(line),
  })
  // In `config()` this would replace Vite's own default, the workspace root.
  config.server.fs.allow.push(cutouts.cacheDir)
  return {
    options,
    config,
    cutouts,
    server: undefined,
    importers: new Map(),
    deliveries: new Map(),
    sites: new Map(),
    unprocessed: new Set(),
    watch() {},
  }
}

/** Remembers who refers to a photograph. */
export function recordImporter(state: PluginState, source: string, importer: string | undefined): void {
  if (importer === undefined) return
  const known = state.importers.get(source)
  if (known) known.add(importer)
  else state.importers.set(source, new Set([importer]))
}

/**
 * Watches a photograph outside the root, where the dev server watches nothing by itself. Done before anything can fail:
 * a photograph that is missing or damaged is watched too.
 */
export function watchOutside({ server, config }: PluginState, source: string): void {
  if (!source.startsWith(`${config.root}/`)) server?.watcher.add(source)
}

/** Whether a module refers to any photograph. */
export function isImporter(state: PluginState, id: string): boolean {
  return [...state.importers.values()].some(importers => importers.has(id))
}
