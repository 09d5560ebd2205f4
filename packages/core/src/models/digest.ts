import { stat } from 'node:fs/promises'
import { NobgError } from '../shared/errors.ts'
import { digestFile } from '../shared/hash.ts'
import type { Model } from './table.ts'

/** Digests of local weights, by path, size and mtime. */
const digests = new Map<string, string>()

/**
 * Returns the sha256 of a model's weights, which is part of keys: the model's own `sha256`, or the digest of a local file
 * as it is now.
 *
 * @returns 64 hex digits
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if a local file cannot be read
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
 * Verifies size and sha256 of a weights file, because a flipped bit would only show as a wrong matte.
 *
 * @throws {NobgError} WEIGHTS_CORRUPT if they differ or the file cannot be read
 */
export async function verifyWeights(model: Model, path: string): Promise<void> {
  const corrupt = (expected: string, got: string, cause?: unknown) =>
    new NobgError('WEIGHTS_CORRUPT', `${path}: expected ${expected} of ${model.id}, got ${got}.`, {
      hint: model.path
        ? 'Replace the file, or correct its sha256 in the config.'
        : 'Delete the file: nobg then fetches it again.',
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
