import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { NobgError } from '../shared/errors.ts'
import type { Model } from './table.ts'

/** Digests of the user weights, by path, size and time of change. */
const digests = new Map<string, string>()

/**
 * sha256 of a model's weights, which identifies them in keys: the row's own, or, for a local file whose row names none,
 * that of the file as it is now.
 *
 * @returns 64 hex digits
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if a local file is missing or cannot be read
 */
export async function digestWeights(model: Model): Promise<string> {
  if (model.sha256) return model.sha256
  const path = model.path ?? ''
  try {
    const { size, mtimeMs } = await stat(path)
    const version = `${path}\n${size}\n${mtimeMs}`
    const digest = digests.get(version) ?? (await digestFile(path))
    digests.set(version, digest)
    return digest
  } catch (cause) {
    throw new NobgError(
      'WEIGHTS_UNAVAILABLE',
      `Expected the weights of ${model.id} at ${path}, got: ${(cause as Error).message}.`,
      {
        hint: "Correct the path in the config's `models`, or use the embedded model: { model: 'u2netp' }.",
        cause,
      },
    )
  }
}

/**
 * A whole-file check, so that a flipped bit is an error and not a strange picture.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT
 */
export async function verifyWeights(model: Model, path: string): Promise<void> {
  const corrupt = (expected: string, got: string, cause?: unknown) =>
    new NobgError('WEIGHTS_CORRUPT', `${path}: expected ${expected} of ${model.id}, got ${got}.`, {
      hint: model.path
        ? 'Put the right file there, or correct its sha256 in the config.'
        : 'Delete the file, and nobg fetches it again.',
      cause,
    })
  try {
    const { size } = await stat(path)
    if (model.bytes && size !== model.bytes) throw corrupt(`the ${model.bytes} bytes`, `${size}`)
    if (!model.sha256) return
    const digest = await digestFile(path)
    if (digest !== model.sha256) throw corrupt(`the sha256 ${model.sha256}`, digest)
  } catch (error) {
    throw error instanceof NobgError ? error : corrupt('the weights', (error as Error).message, error)
  }
}

/** sha256 of a file, 64 hex digits, read as a stream. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
