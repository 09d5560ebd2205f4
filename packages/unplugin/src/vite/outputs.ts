import { relative, resolve } from 'node:path'
import type { PlannedCutout } from '../core/cutouts.ts'
import { hideCache } from '../core/hide-cache.ts'
import { nameVariants } from '../core/name-variants.ts'
import type { Bundle } from '../references/read-bundle.ts'
import { slash } from '../references/slash.ts'
import type { PluginState } from './state.ts'

/** The part of an output's options that names files. */
interface OutputOptions {
  manualChunks?: unknown
  assetFileNames?: unknown
}

type NameAsset = (asset: { originalFileNames?: string[] }) => unknown

/**
 * The `outputOptions` hook: the user's functions that name files get module paths instead of paths in the cache, and no two
 * pictures of a photograph get the same name.
 */
export function nameOutputs<Output extends OutputOptions>(state: PluginState, output: Output): Output {
  const { cutouts } = state
  const findVariant = (name: string) => findPicture(state, name)?.variant
  const named = hideCache(output, path => cutouts.find(path)?.file) ?? output
  const { assetFileNames } = named
  if (typeof assetFileNames !== 'function') return nameVariants(named, findVariant)
  const name: NameAsset = asset => {
    const names = asset.originalFileNames?.map(file => toModulePath(state, file)) ?? []
    const properties = { originalFileNames: names, originalFileName: names[0] ?? null }
    return (assetFileNames as NameAsset)(describe(asset, properties))
  }
  return nameVariants({ ...named, assetFileNames: name }, findVariant)

  function describe(asset: object, properties: object): object {
    return Object.defineProperties(
      {},
      { ...Object.getOwnPropertyDescriptors(asset), ...Object.getOwnPropertyDescriptors(properties) },
    )
  }
}

/** Writes module paths into `manifest.json`, because Vite names each asset by its original file. */
export function nameManifestEntries(
  state: PluginState,
  bundle: Bundle,
  { manifest }: { manifest?: boolean | string },
): void {
  const name = typeof manifest === 'string' ? manifest : '.vite/manifest.json'
  const asset = bundle[name]
  if (!manifest || asset?.type !== 'asset') return
  let text = String(asset.source)
  for (const { file } of state.cutouts.list()) {
    const name = slash(relative(state.config.root, file))
    text = text.replaceAll(JSON.stringify(name), JSON.stringify(toModulePath(state, name)))
  }
  asset.source = text
}

/** The module path of an original file, both relative to the root. */
function toModulePath(state: PluginState, name: string): string {
  const planned = findPicture(state, name)
  return planned ? slash(relative(state.config.root, planned.modulePath)) : name
}

/** @param name original file, relative to the root. */
function findPicture({ cutouts, config: { root } }: PluginState, name: string): PlannedCutout | undefined {
  return cutouts.find(slash(resolve(root, name)))
}
