import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemover } from '@nobg/core'
import type { Sharp } from 'sharp'
import { afterAll } from 'vitest'
import { createNobg } from '../src/index.ts'

export const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')

/** A remover and a folder for one test file; removed after its tests. */
export async function openEngine() {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-sharp-'))
  const remover = createRemover({ cacheDir: join(dir, 'cache'), modelsDir: join(dir, 'models') })
  afterAll(async () => {
    await remover.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { dir, remover, ...createNobg(remover) }
}

/** Decoded pixels of a pipeline: uint8, [height, width, channels]. */
export async function readRaw(image: Sharp) {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels }
}

/** Largest difference of two rasters' samples; they must have one shape. */
export async function measureDistance(one: Sharp, other: Sharp): Promise<number> {
  const [a, b] = await Promise.all([readRaw(one), readRaw(other)])
  if (a.data.length !== b.data.length || a.width !== b.width) return Number.POSITIVE_INFINITY
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0)
}
