import type { ViteDevServer } from 'vite'
import { stripPostfix } from '../reference.ts'
import { type Door, type Environment, isImporter } from './door.ts'
import { isInlineModule } from './page.ts'

/** The part of a module graph's node that is read here. */
interface Renewable<Module> {
  id: string | null
  importers: Set<Module>
  /** Undefined until the module has been served once without an error. */
  isSelfAccepting?: boolean
}

/**
 * The `hotUpdate` hook: a changed, new or deleted photograph renews whoever refers to it, because the ids of finished
 * pictures never change by themselves.
 *
 * @returns the modules to update in this environment, or undefined where the file concerns nobody.
 */
export function renewImporters<Module extends Renewable<Module>>(
  door: Door,
  environment: Environment<Module>,
  file: string,
  modules: Module[],
): Module[] | undefined {
  const importers = [...(door.importers.get(file) ?? [])]
  const referring = importers.flatMap(id => modulesOf(environment, id))
  const renewed = [...new Set([...modules, ...referring, ...modulesImporting(door, environment, file)])]
  const isUnseen = ({ id, isSelfAccepting }: Module) =>
    isSelfAccepting === undefined && id !== null && isImporter(door, id)
  // Vite updates no module that the browser never got, as one whose first picture failed: its page has to ask again.
  const needsReload = importers.some(isPage) || renewed.some(isUnseen)
  if (environment.name === 'client' && needsReload) reloadPages(door)
  return importers.length > 0 ? renewed : undefined
}

/**
 * Renews modules whose pictures have become ready: by a hot update where the browser has them, by a reload where only
 * the server or a page does.
 */
export function reloadImporters(door: Door, source: string, importerIds: Iterable<string>): void {
  if (!door.server) return
  const onlyOnServer = new Set(importerIds)
  for (const environment of listEnvironments(door.server)) {
    const modules = new Set(modulesImporting(door, environment, source))
    for (const importerId of importerIds) {
      const referring = modulesOf(environment, importerId)
      for (const module of referring) modules.add(module)
      if (environment.name === 'client' && referring.length > 0) onlyOnServer.delete(importerId)
    }
    for (const module of modules) void environment.reloadModule(module)
  }
  if (onlyOnServer.size > 0) reloadPages(door)
}

/** The modules of one environment that stand for an importer's id; none where it is a page, which has no module to update. */
function modulesOf<Module>({ moduleGraph }: Environment<Module>, importerId: string): Module[] {
  if (isPage(importerId)) return []
  const module = moduleGraph.getModuleById(importerId)
  return module ? [module] : [...(moduleGraph.getModulesByFile(stripPostfix(importerId)) ?? [])]
}

/**
 * The modules that import a photograph or a picture made of it. They are not always who refers to it: Astro imports the
 * images of its content collections in a module of its own.
 */
function modulesImporting<Module extends Renewable<Module>>(
  door: Door,
  { moduleGraph }: Environment<Module>,
  source: string,
): Module[] {
  const made = [...door.cutouts.list()].filter(planned => planned.source === source).map(({ file }) => file)
  const images = [source, ...made].flatMap(file => [...(moduleGraph.getModulesByFile(file) ?? [])])
  return images.flatMap(({ importers }) => [...importers])
}

/** Whether the reference stands in a page, inline scripts, style blocks and attributes included, which only a reload renews. */
function isPage(importerId: string): boolean {
  return isInlineModule(importerId) || /\.html?$/.test(stripPostfix(importerId))
}

function reloadPages(door: Door): void {
  door.server?.ws.send({ type: 'full-reload', path: '*' })
}

type ReloadableEnvironment = Pick<
  ViteDevServer['environments'][string],
  'name' | 'moduleGraph' | 'reloadModule'
>

/** Vite 5 has one module graph and no environments. */
function listEnvironments(server: ViteDevServer): ReloadableEnvironment[] {
  if (server.environments) return Object.values(server.environments)
  const { moduleGraph, reloadModule } = server as unknown as Omit<ReloadableEnvironment, 'name'>
  return [{ name: 'client', moduleGraph, reloadModule }]
}
