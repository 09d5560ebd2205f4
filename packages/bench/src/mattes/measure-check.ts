import { readFile } from 'node:fs/promises'

/** Rounds per picture; the least time counts. */
const ROUNDS = 3

/** Modules of core that are no part of its interface. The raster and the matte are opaque here. */
interface Modules {
  decodeImage(bytes: Uint8Array): Promise<object>
  readMatteFile(bytes: Uint8Array): Promise<object>
  checkMatte(matte: object, raster: object): unknown
}

/**
 * Measures the check of kept mattes.
 *
 * @param pairs paths of mattes and their photographs
 * @returns mean CPU time per picture, ms
 */
export async function measureCheck(pairs: readonly [matte: string, photograph: string][]): Promise<number> {
  const { decodeImage, readMatteFile, checkMatte } = await importModules()
  let total = 0
  for (const [file, photograph] of pairs) {
    const raster = await decodeImage(await readFile(photograph))
    const matte = await readMatteFile(await readFile(file))
    const times = Array.from({ length: ROUNDS }, () => {
      const started = process.cpuUsage()
      checkMatte(matte, raster)
      const { user, system } = process.cpuUsage(started)
      return (user + system) / 1000
    })
    total += Math.min(...times)
  }
  return total / pairs.length
}

async function importModules(): Promise<Modules> {
  const names = ['image/decode', 'image/given-matte', 'matting/check-matte']
  const modules = await Promise.all(
    names.map(name => import(new URL(`../../../core/dist/${name}.js`, import.meta.url).href)),
  )
  return Object.assign({}, ...modules)
}
