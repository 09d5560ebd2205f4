import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parsePlace } from './place.ts'

/** A matte in the folder, and what its name tells. */
export interface KeptMatte {
  /** Absolute path. */
  file: string
  /** Absolute path of the photograph; `undefined` if the matte is of an image that is no file. */
  photograph: string | undefined
  model: string
  /** px */
  operatingResolution: number
  /** First 8 digits of the sha256 of the photograph's bytes. */
  digest: string
}

/** Lists the mattes in a folder, by path. Returns an empty list if there is no folder. */
export async function listKeptMattes(dir: string, root: string): Promise<KeptMatte[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(ignoreMissing)
  const files = entries.filter(entry => !entry.isDirectory()).map(entry => join(entry.parentPath, entry.name))
  return files.sort().flatMap(file => {
    const place = parsePlace(relative(dir, file), root)
    if (!place) return []
    const { model, operatingResolution, digest, photograph } = place
    return [{ file: resolve(file), photograph, model, operatingResolution, digest }]
  })
}

/** Takes a folder that does not exist for an empty one. @throws {Error} any other error of the system */
export function ignoreMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
  throw error
}
