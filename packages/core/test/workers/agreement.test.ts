import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { resizeForModel } from '../../src/image/resize.ts'
import { type Model, models } from '../../src/models/table.ts'
import { createWorkers } from '../../src/workers/pools.ts'
import { plainWorkers } from '../support/plain-workers.ts'
import { openPlainly, resizePlainly, splitPlanes } from '../support/reference.ts'

const root = join(import.meta.dirname, '../../../..')
const findPhoto = (name: string) => join(root, `examples/vite/src/photos/${name}.png`)
/** Shared test material, if present beside the checkout: it shrinks more than twice, where sharp takes a short cut. */
const large = join(root, '../shared/photos/measure/lion-1.6mp.jpg')

const workers = createWorkers({ ...plainWorkers, threads: 0 })
afterAll(() => workers.close())

/** How far two arrays of levels lie apart: in the mean, and the share of those further apart than a limit. */
function compare(levels: ArrayLike<number>, others: ArrayLike<number>) {
  const distances = Float64Array.from(levels, (level, index) => Math.abs(level - others[index]))
  const count = distances.length
  return {
    mean: distances.reduce((sum, distance) => sum + distance, 0) / count,
    shareBeyond: (limit: number) => distances.filter(distance => distance > limit).length / count,
  }
}

/** How the authors feed the network, written down here once more: the table is what is checked. */
interface Contract {
  side: number
  mean: number[]
  std: number[]
}

/** Our own line (decode, resize, the model's process) beside the same thing done plainly, which shares no code with it. */
async function expectAgreement(model: Model, photo: string, weights: string, contract: Contract) {
  const { side } = contract
  const raster = await decodeImage(await readFile(photo))
  const picture = await resizeForModel(raster, side, side)
  const { matte } = await workers.predict(model, weights, [picture])

  const planes = splitPlanes(raster)
  const exact = resizePlainly(planes, raster, side, level => level)
  const inBytes = resizePlainly(planes, raster, side, Math.round)
  const predictPlainly = await openPlainly(weights, contract)

  // The picture: bytes are 0.25 levels off in the mean, and sharp's short cut for great reductions some more.
  for (const [index, plane] of splitPlanes(picture).entries()) {
    const distance = compare(plane, exact[index])
    expect(distance.mean).toBeLessThan(0.5)
    expect(distance.shareBeyond(3)).toBeLessThan(0.001)
  }

  // The matte of the same picture: half a level of rounding, and a hair for another order of additions.
  expect(compare(matte.data, await predictPlainly(splitPlanes(picture), side)).shareBeyond(0.6)).toBe(0)

  // The matte of the photograph. Where a network is in doubt it moves by many levels when its input is rounded to bytes; so
  // that is the measure, taken by the plain computation itself: at most twice it, and 1 in 1000 beyond 4 levels.
  const truth = await predictPlainly(exact, side)
  const doubt = compare(await predictPlainly(inBytes, side), truth)
  const distance = compare(matte.data, truth)
  expect(distance.mean).toBeLessThan(1)
  expect(distance.shareBeyond(4)).toBeLessThan(2 * doubt.shareBeyond(4) + 0.001)
}

describe('the matte of u2netp agrees with a plain computation', () => {
  const u2netp = models.find(({ id }) => id === 'u2netp') as Model
  const weights = join(root, 'packages/u2netp/weights/u2netp.onnx')
  const contract = { side: 320, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

  test.each(['astronaut', 'chelsea', 'coffee'])('%s', name =>
    expectAgreement(u2netp, findPhoto(name), weights, contract),
  )

  test.skipIf(!existsSync(large))('a larger photograph (skipped where that is absent)', () =>
    expectAgreement(u2netp, large, weights, contract),
  )
})

describe('the matte of IS-Net agrees with a plain computation', () => {
  const isnet = models.find(({ id }) => id === 'isnet') as Model
  /** The weights that the benchmark installs: the same network, in another file. */
  const weights = join(root, 'packages/bench/peers/isnet/isnet.onnx')
  const row: Model = { ...isnet, bytes: undefined, sha256: undefined }
  const contract = { side: 1024, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }

  test.skipIf(!existsSync(weights))(
    'chelsea (skipped until the benchmark has installed IS-Net)',
    { timeout: 180_000 },
    () => expectAgreement(row, findPhoto('chelsea'), weights, contract),
  )
})
