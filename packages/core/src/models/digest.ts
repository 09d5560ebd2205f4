import { stat } from 'node:fs/promises'
import { NobgError } from '../errors.ts'
import { digestFile } from './session.ts'
import type { Model } from './table.ts'

/** Digests of the user's own weights, by path, size and time of change. */
const digests = new Map<string, string>()

/**
 * sha256 of a model's weights, which identifies them in keys: the row's own, or, for a local file whose row names none,
 * that of the file as it is now.
 *
 * @throws {NobgError} WEIGHTS_UNAVAILABLE where a local file is missing
 */
export async function digestWeights(model: Model): Promise<string> {
  if (model.sha256) return model.sha256
  const path = model.path ?? ''
  const file = await stat(path).catch(cause => {
    throw new NobgError('WEIGHTS_UNAVAILABLE', `The weights of ${model.id} are not at ${path}.`, {
      hint: `Correct the path in the config's \`models\`, or use the embedded model: { model: 'u2netp' }.`,
      cause,
    })
  })
  const version = `${path}\n${file.size}\n${file.mtimeMs}`
  const digest = digests.get(version) ?? (await digestFile(path))
  digests.set(version, digest)
  return digest
}
