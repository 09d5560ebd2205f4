import type { SourceMap } from 'magic-string'
import type { ResolvedConfig, ViteDevServer } from 'vite'
import type { Cutouts } from '../core/cutouts.ts'
import { type Drafts, openDrafts } from '../core/drafts.ts'
import { openProject } from '../core/open-project.ts'
import type { Options, ResolvedOptions } from '../core/options.ts'
import type { Resolver } from '../core/resolve-in-host.ts'
import { type CreationWatch, createCreationWatch } from '../core/watch-creation.ts'
import type { SharedSummary } from '../progress/shared-summary.ts'
import { ignoreCache } from './ignore-cache.ts'
import type { Traffic } from './traffic.ts'

/** The answer to a request for an unfinished picture: another picture, until the page requests the address again. */
interface StandIn {
  /** The requested picture. */
  file: string
  /** Time of the latest answer, by `performance.now()`. */
  answeredAt: number
  /** Whether the address has a better picture now. */
  isRenewed: boolean
}

/** A picture that is requested and may not be finished. */
export interface Delivery {
  startedAt: number
  /** Resolves with the file to show. */
  job: Promise<string>
  settled: boolean
  /** Resolves with the file of the draft, once it exists. Never settles without a draft. */
  draft: Promise<string>
  /** Whether pages have the picture's address, so that nobody waits for the job. */
  isShown: boolean
  /** Ids of the modules and pages that got the address of the photograph or the draft instead. */
  late: Set<string>
}

/** The state that the hooks of one plugin instance share. */
export interface PluginState {
  options: ResolvedOptions
  config: ResolvedConfig
  cutouts: Cutouts
  drafts: Drafts
  /** The builds that share the summary; undefined with a server. */
  builds: SharedSummary | undefined
  /** Undefined in a build. */
  server: ViteDevServer | undefined
  /** Servers that render the pages of `server` and have no browsers, as in Nuxt. */
  renderers: Set<ViteDevServer>
  /** Absolute path of a photograph, which may not exist → ids of the modules and pages that refer to it. */
  importers: Map<string, Set<string>>
  /** Absolute path of a matte, which may not exist → absolute paths of its photographs. */
  photographs: Map<string, Set<string>>
  /** The requested pictures, by file. A failed picture is removed, so that it can be requested again. */
  deliveries: Map<string, Delivery>
  /** The answers to requests for unfinished pictures, by the request's URL without the word `t`. */
  standIns: Map<string, StandIn>
  /** Number of image requests that wait, by the client's network address. */
  held: Map<string, number>
  /** The requests for pages and modules. */
  traffic: Traffic
  /** The messages of the errors that the terminal shows, until a file of theirs changes. */
  shownErrors: Set<string>
  /** Whether the server has closed. */
  isClosed: boolean
  /** Descriptions of the marked files that Vite has read for pages. */
  unprocessed: Set<string>
  /** Descriptions of the addresses in a module's strings that no plugin resolves, by the module's id. */
  deadLinks: Map<string, string[]>
  /** The reported references to images that are left unprocessed, one line each. */
  reported: Set<string>
  /** Watches files that may not exist, in a build. */
  creations: CreationWatch
  /** Watches a photograph or a matte, which may not exist, for hooks without a plugin context. */
  watch(file: string): void
}

/** Code and source map, as a `transform` hook returns them. */
export interface Transformed {
  code: string
  map: SourceMap
}

/** The part of a plugin context that the hooks use. */
export interface HookContext extends Resolver {
  addWatchFile(id: string): void
}

/** The part of a development server's environment that is the same in every version of Vite. */
export interface Environment<Module> {
  name: string
  moduleGraph: {
    getModuleById(id: string): Module | undefined
    getModulesByFile(file: string): Set<Module> | undefined
  }
}

/**
 * Opens the state for one resolved config. Allows the development server to serve the finished pictures, and keeps it from
 * watching them.
 *
 * @throws {Error} the message names the wrong option.
 */
export function openState(input: Options | undefined, config: ResolvedConfig): PluginState {
  const { logger, root } = config
  const log = { info: (line: string) => logger.info(line), warn: (line: string) => logger.warn(line) }
  const isBuild = config.command === 'build'
  const settings = { defersErrors: isBuild, sharesSummary: isBuild }
  const { options, cutouts, builds } = openProject(input, root, log, settings)
  // In `config()`, this would replace Vite's default, the workspace root.
  config.server.fs.allow.push(cutouts.cacheDir)
  ignoreCache(config, cutouts.cacheDir)
  return {
    options,
    config,
    cutouts,
    builds,
    drafts: openDrafts(options, cutouts, line => logger.warn(line)),
    server: undefined,
    renderers: new Set(),
    importers: new Map(),
    photographs: new Map(),
    deliveries: new Map(),
    standIns: new Map(),
    held: new Map(),
    traffic: { pending: 0, answeredAt: 0, loadedAt: Number.NEGATIVE_INFINITY },
    shownErrors: new Set(),
    isClosed: false,
    unprocessed: new Set(),
    deadLinks: new Map(),
    reported: new Set(),
    creations: createCreationWatch(),
    watch() {},
  }
}

/**
 * Whether a config is that of a second development server of the same plugin, which renders pages and has no browsers, as in
 * Nuxt. The browsers request its pictures from the first server.
 */
export function isRenderingServer(state: PluginState | undefined, config: ResolvedConfig): boolean {
  if (!state || config.command !== 'serve') return false
  const { root, server } = state.config
  return root === config.root && server.hmr !== false && config.server.hmr === false
}

/** Returns the state of the first server for the config of the second: all but the config is shared. */
export function shareState(state: PluginState, config: ResolvedConfig): PluginState {
  config.server.fs.allow.push(state.cutouts.cacheDir)
  ignoreCache(config, state.cutouts.cacheDir)
  return Object.create(state, { config: { value: config, enumerable: true } })
}

/** Records that a module or page refers to a photograph. */
export function recordImporter(state: PluginState, source: string, importer: string | undefined): void {
  if (importer === undefined) return
  const known = state.importers.get(source)
  if (known) known.add(importer)
  else state.importers.set(source, new Set([importer]))
}

/**
 * Watches a photograph outside the root, because Vite watches only the root. Called before any step that may fail, so that a missing
 * or damaged photograph is watched too.
 */
export function watchOutside({ server, config }: PluginState, source: string): void {
  if (!source.startsWith(`${config.root}/`)) server?.watcher.add(source)
}

/** Whether a module refers to any photograph. */
export function isImporter(state: PluginState, id: string): boolean {
  return [...state.importers.values()].some(importers => importers.has(id))
}
