import type { ViteDevServer } from 'vite'
import { stripPostfix } from '../references/reference.ts'
import { isInlineModule } from './page.ts'
import { type Environment, isImporter, type PluginState } from './state.ts'

/** The part of a module graph's node that is used here. */
export interface Renewable<Module> {
  id: string | null
  importers: Set<Module>
  /** Undefined until the module is served without an error. */
  isSelfAccepting?: boolean
}

/**
 * The `watchChange` hook: invalidates the modules that refer to a changed, new or deleted photograph, in every environment.
 * Vite calls this before `hotUpdate`, and also if hot updates are off.
 */
export function invalidateImporters(state: PluginState, file: string): void {
  if (isOwnFile(state, file)) return
  const importers = [...(state.importers.get(file) ?? [])]
  for (const environment of listEnvironments(state)) {
    const referring = importers.flatMap(id => modulesOf(environment, id))
    for (const module of [...referring, ...modulesImporting(state, environment, file)])
      environment.moduleGraph.invalidateModule(module)
  }
}

/**
 * The `hotUpdate` hook: updates the modules that refer to a changed, new or deleted photograph. Vite does not know the
 * relation between a photograph and its pictures.
 *
 * @returns the modules to update in this environment; undefined if no module refers to the file.
 */
export function renewImporters<Module extends Renewable<Module>>(
  state: PluginState,
  environment: Environment<Module>,
  file: string,
  modules: Module[],
): Module[] | undefined {
  if (isOwnFile(state, file)) return []
  const importers = [...(state.importers.get(file) ?? [])]
  const referring = importers.flatMap(id => modulesOf(environment, id))
  const renewed = [...new Set([...modules, ...referring, ...modulesImporting(state, environment, file)])]
  const isUnseen = ({ id, isSelfAccepting }: Module) =>
    isSelfAccepting === undefined && id !== null && isImporter(state, id)
  // Vite does not update a module that the browser never got, such as a module whose first picture failed. Its page must reload.
  const needsReload = renewed.some(isUnseen) || importers.some(id => isPage(id) || isOnlyOnServer(state, id))
  if (environment.name === 'client' && needsReload) reloadPages(state)
  return importers.length > 0 ? renewed : undefined
}

/** Whether a file is a finished picture. Its address is served before the file exists, so that its creation changes nothing. */
function isOwnFile({ cutouts }: PluginState, file: string): boolean {
  const planned = cutouts.find(file)
  return planned?.file === file && planned.source !== file
}

/** Triggers the hooks that run when a photograph changes, because its picture has another URL now. */
export function announceChange({ server }: PluginState, source: string): void {
  server?.watcher.emit('change', source)
}

/** Whether only the server has the module. Vite then sends no update to the browser. */
function isOnlyOnServer(state: PluginState, importerId: string): boolean {
  const holders = listEnvironments(state).filter(environment => modulesOf(environment, importerId).length > 0)
  return holders.length > 0 && holders.every(({ name }) => name !== 'client')
}

/** The modules of one environment for an importer's id. A page has no modules. */
function modulesOf<Module>({ moduleGraph }: Environment<Module>, importerId: string): Module[] {
  if (isPage(importerId)) return []
  const module = moduleGraph.getModuleById(importerId)
  return module ? [module] : [...(moduleGraph.getModulesByFile(stripPostfix(importerId)) ?? [])]
}

/**
 * The modules that import a photograph or its pictures. The reference may be in another file: Astro imports the images of
 * content collections in a generated module.
 */
function modulesImporting<Module extends Renewable<Module>>(
  state: PluginState,
  { moduleGraph }: Environment<Module>,
  source: string,
): Module[] {
  const made = [...state.cutouts.list()].filter(planned => planned.source === source).map(({ file }) => file)
  const images = [source, ...made].flatMap(file => [...(moduleGraph.getModulesByFile(file) ?? [])])
  return images.flatMap(({ importers }) => [...importers])
}

/** Whether the reference is in a page, including its inline scripts, style blocks and attributes. Only a reload updates a page. */
function isPage(importerId: string): boolean {
  return isInlineModule(importerId) || /\.html?$/.test(stripPostfix(importerId))
}

function reloadPages(state: PluginState): void {
  state.server?.ws.send({ type: 'full-reload', path: '*' })
}

type ServerEnvironment = Pick<ViteDevServer['environments'][string], 'name' | 'moduleGraph'>

/** The environments of the dev servers. Vite 5 has one module graph and no environments; a build has no server. */
function listEnvironments({ server, renderers }: PluginState): ServerEnvironment[] {
  if (!server) return []
  return [server, ...renderers].flatMap(each => {
    if (each.environments) return Object.values(each.environments)
    const { moduleGraph } = each as unknown as Pick<ServerEnvironment, 'moduleGraph'>
    return [{ name: each === server ? 'client' : 'ssr', moduleGraph }]
  })
}
