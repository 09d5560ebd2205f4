import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NobgError } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import { makeDir } from '../shared/make-dir.ts'
import type { Logger } from '../shared/types.ts'
import { makeWhole, writeNewFile } from '../shared/write-whole.ts'
import { verifyWeights } from './digest.ts'
import { isFile, isInArchive, resolvePackage } from './locate.ts'
import type { Model } from './table.ts'

/**
 * Copies the weights of a package inside an archive (Yarn's Plug'n'Play) to `path`: Node reads them there, and ONNX
 * Runtime cannot.
 *
 * @returns false if the weights are not in an archive
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the copy cannot be written, WEIGHTS_CORRUPT if its digest is wrong, ABORTED
 */
export async function unpackWeights(
  model: Model,
  path: string,
  { logger }: { logger?: Logger },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const packaged = resolvePackage(model).path
  if (!packaged || !isInArchive(packaged) || !(await isFile(packaged))) return false
  const unpack = async () => {
    if (!(await isFile(path))) await copyWhole(model, packaged, path)
  }
  const readActivity = () => `unpacks ${model.id}`
  await withLock(path, unpack, { readActivity, signal, onError: () => {}, logger })
  return true
}

async function copyWhole(model: Model, from: string, to: string): Promise<void> {
  const unpack = async (part: string) => {
    await writeNewFile(part, await readFile(from))
    await verifyWeights(model, part)
  }
  try {
    await makeDir(dirname(to))
    // Under this name, `removeParts` finds the temporary file of a killed process.
    await makeWhole(to, unpack, { part: `${to}.${randomUUID()}.part` })
  } catch (cause) {
    if (cause instanceof NobgError) throw cause
    throw new NobgError(
      'WEIGHTS_UNAVAILABLE',
      `Expected to copy the weights of ${model.id} from the archive ${from} to ${to}, got: ${(cause as Error).message}.`,
      {
        hint: 'Add dependenciesMeta: { "@nobg/u2netp": { "unplugged": true } } to package.json, or choose a writable folder with `modelsDir` or NOBG_MODELS_DIR.',
        cause,
      },
    )
  }
}
