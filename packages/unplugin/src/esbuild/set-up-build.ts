import { readFile } from 'node:fs/promises'
import type { Logger } from '@nobg/core'
import type {
  BuildOptions,
  OnLoadArgs,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  PluginBuild,
} from 'esbuild'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { ImportSite, LocatedError } from '../core/errors.ts'
import type { SourceFinder } from '../core/find-source.ts'
import { type OpenedProject, openProject } from '../core/open-project.ts'
import type { Options } from '../core/options.ts'
import { ensureCutout, planReference } from '../core/plan-reference.ts'
import { resolveAsNode } from '../core/resolve-in-host.ts'
import { MARKED_TEXT, parseReference, parseUrlReference, type Reference } from '../references/reference.ts'
import { guardOutputs } from './guard.ts'
import { checkLeftOverWords } from './left-over.ts'
import { toMessage } from './message.ts'
import { pathOfPicture } from './picture-path.ts'

/** Formats of finished pictures, for which esbuild has no default loader. */
const PICTURE_EXTENSIONS = ['.png', '.webp', '.avif']
const PICTURE_PATH = /\.(?:png|webp|avif)$/

/** Namespace of failed references. esbuild watches the files of a resolved path, but not the files of an error. */
const FAILED = 'nobg-failed'

/** Marks the paths of finished pictures. */
const PICTURE = Symbol('nobg-picture')

/** Marks the paths that this plugin itself lets esbuild resolve, such as a file called `cat.nobg.jpg`. */
const OWN_REQUEST = Symbol('nobg')

/** The open project, and its pictures by path and suffix of their modules. */
interface OpenedPictures extends OpenedProject {
  pictures: Map<string, PlannedCutout>
}

/** The plugin's `setup`: every marked path becomes the file of a finished picture, which the user's `loader` loads. */
export function setUpBuild(build: PluginBuild, input: Options | undefined): void {
  const { initialOptions } = build
  const root = initialOptions.absWorkingDir ?? process.cwd()
  const opened = { ...openProject(input, root, createLogger(initialOptions)), pictures: new Map() }
  initialOptions.loader = { ...addLoaders(opened.options.enabled), ...initialOptions.loader }
  build.onResolve({ filter: MARKED_TEXT }, args => resolvePath(build, opened, args))
  build.onLoad({ filter: /.*/, namespace: FAILED }, ({ pluginData }) => pluginData)
  build.onLoad({ filter: PICTURE_PATH, namespace: 'file' }, args => loadPicture(opened, args))
  guardOutputs(build, opened.options)
  if (opened.options.enabled) checkLeftOverWords(build, opened.pictures)
  build.onEnd(() => opened.cutouts.logSummary(createLogger(initialOptions)))
}

/** If nobg is off, the photographs are imported and need loaders too. */
function addLoaders(enabled: boolean): NonNullable<BuildOptions['loader']> {
  const extensions = enabled
    ? PICTURE_EXTENSIONS
    : [...PICTURE_EXTENSIONS, '.jpg', '.jpeg', '.gif', '.tif', '.tiff']
  return Object.fromEntries(extensions.map(extension => [extension, 'file']))
}

async function resolvePath(
  build: PluginBuild,
  { cutouts, pictures }: OpenedPictures,
  { path: specifier, importer, namespace, resolveDir, kind, pluginData }: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  const reference = pluginData === OWN_REQUEST ? undefined : parsePath(specifier, kind)
  if (!reference) return undefined
  const site: ImportSite = {
    text: specifier,
    importer: namespace === 'file' && importer ? importer : undefined,
  }
  const resolve: SourceFinder['resolve'] = async path => {
    const options = { importer, namespace, resolveDir, pluginData: OWN_REQUEST }
    // A picture is always part of the bundle. `external` applies to imports, but not to entries.
    for (const kindToTry of [kind, 'entry-point'] as const) {
      const { errors, external, path: file } = await build.resolve(path, { ...options, kind: kindToTry })
      if (errors.length > 0) return undefined
      if (!external) return file
    }
    // `packages: 'external'` applies to entries too.
    return resolveAsNode(path, resolveDir)
  }
  const watchFiles: string[] = []
  try {
    const watch = (file: string) => void watchFiles.push(file)
    const planned = await planReference(cutouts, reference, { resolve }, site, watch, watch)
    if (!planned) return undefined
    await ensureCutout(cutouts, planned)
    const path = await pathOfPicture(cutouts, planned, build.initialOptions)
    pictures.set(path + planned.postfix, planned)
    return { path, suffix: planned.postfix, namespace: 'file', watchFiles, pluginData: PICTURE }
  } catch (error) {
    const failure: OnLoadResult = { errors: [toMessage(error as LocatedError)], watchFiles }
    return { path: `${specifier} in ${importer}`, namespace: FAILED, pluginData: failure }
  }
}

/** Loads a picture at whose path no file exists. If nobg is off, the picture is the photograph, which esbuild loads. */
async function loadPicture(
  { pictures }: OpenedPictures,
  { path, suffix, pluginData }: OnLoadArgs,
): Promise<OnLoadResult | undefined> {
  const planned = pluginData === PICTURE ? pictures.get(path + suffix) : undefined
  if (!planned?.plan || planned.postfix) return undefined
  return { contents: await readFile(planned.file), loader: 'default' }
}

/** In a style sheet a path is a URL. */
function parsePath(specifier: string, kind: OnResolveArgs['kind']): Reference | undefined {
  return kind === 'url-token' ? parseUrlReference(specifier) : parseReference(specifier)
}

/** esbuild has no logger for plugins. Lines go to stderr, like esbuild's own log, and follow its level. */
function createLogger({ logLevel = 'info' }: BuildOptions): Logger {
  const info = ['info', 'debug', 'verbose'].includes(logLevel)
  const warn = info || logLevel === 'warning'
  return {
    info: line => info && console.error(line),
    warn: line => warn && console.error(line),
  }
}
