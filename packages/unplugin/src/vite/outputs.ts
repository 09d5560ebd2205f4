import { relative, resolve } from 'node:path'
import { hideCache } from '../core/hide-cache.ts'
import type { Bundle } from '../references/read-bundle.ts'
import { slash } from '../references/slash.ts'
import type { PluginState } from './state.ts'

/** The part of an output's options that names files. */
interface OutputOptions {
  manualChunks?: unknown
  assetFileNames?: unknown
}

type NameAsset = (asset: { originalFileNames?: string[] }) => unknown

/** The `outputOptions` hook: the user's functions that name files get module paths instead of paths in the cache. */
export function nameOutputs<Output extends OutputOptions>(state: PluginState, output: Output): Output {
  const { cutouts } = state
  const named = hideCache(output, path => cutouts.find(path)?.file) ?? output
  const { assetFileNames } = named
  if (typeof assetFileNames !== 'function') return named
  const name: NameAsset = asset => {
    const names = asset.originalFileNames?.map(file => toModulePath(state, file)) ?? []
    const properties = { originalFileNames: names, originalFileName: names[0] ?? null }
    return (assetFileNames as NameAsset)(describe(asset, properties))
  }
  return { ...named, assetFileNames: name }

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
function toModulePath({ cutouts, config: { root } }: PluginState, name: string): string {
  const planned = cutouts.find(slash(resolve(root, name)))
  return planned ? slash(relative(root, planned.modulePath)) : name
}
