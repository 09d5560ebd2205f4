import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchWeights } from '../../src/models/fetch.ts'
import { findOptimized, giveUpOptimized, makeOptimized, placeOptimized } from '../../src/models/optimized.ts'
import { FILLER, fillDisk, mountDisk, PAGE, unmountDisk } from '../support/full-disk.ts'
import { saveModel, twoOutputs } from '../support/graphs.ts'
import { describeModel, openWeightsServer } from '../support/weights-server.ts'

let dir: string
let disk: string

beforeEach(async ({ skip }) => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-full-'))
  disk = await mkdtemp(join(dir, 'disk-'))
  skip(!mountDisk(disk), 'needs the right to mount a file system')
})
afterEach(async () => {
  unmountDisk(disk)
  await rm(dir, { recursive: true, force: true })
})

test('reports weights that fill the disk, and keeps no file with their name', async () => {
  const server = await openWeightsServer()
  try {
    // The entry has no size, so the disk fills up during the download.
    const model = { ...describeModel(server, '/right'), bytes: undefined }
    const path = join(disk, 'plain.onnx')
    await expect(fetchWeights(model, path, { download: true }, {})).rejects.toMatchObject({
      code: 'WEIGHTS_UNAVAILABLE',
      message: expect.stringContaining('ENOSPC'),
      hint: expect.stringContaining('modelsDir'),
    })
    expect(existsSync(path)).toBe(false)
  } finally {
    await server.close()
  }
})

async function placeModel() {
  const model = await saveModel(join(dir, 'plain.onnx'), twoOutputs, { output: 'mean' })
  return { source: join(dir, 'plain.onnx'), place: placeOptimized(model, model.sha256 ?? '', disk) }
}

test('reports an optimized graph that does not fit on the disk, and does not write it', async () => {
  const { source, place } = await placeModel()
  fillDisk(disk)
  await expect(makeOptimized(source, place, undefined)).rejects.toMatchObject({ code: 'WEIGHTS_UNAVAILABLE' })
  expect(await readdir(disk)).toEqual([FILLER])
})

test('reports an optimized graph whose sidecar does not fit on the disk, and does not use it', async () => {
  const { source, place } = await placeModel()
  fillDisk(disk, PAGE)
  await expect(makeOptimized(source, place, undefined)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await findOptimized(place)).toBeUndefined()
})

test('writes the record of a missing optimized graph whole or not at all', async () => {
  const { place } = await placeModel()
  fillDisk(disk)
  await expect(giveUpOptimized(place, 'for a reason')).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readdir(disk)).toEqual([FILLER])
})
