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
/** Shared test material next to the checkout, if it exists. sharp shrinks by more than two with a faster method. */
const large = join(root, '../shared/photos/measure/lion-1.6mp.jpg')

const workers = createWorkers({ ...plainWorkers, threads: 0 })
afterAll(() => workers.close())

/** Compares two arrays of levels: mean of the differences, and share of differences above a limit. */
function compare(levels: ArrayLike<number>, others: ArrayLike<number>) {
  const distances = Float64Array.from(levels, (level, index) => Math.abs(level - others[index]))
  const count = distances.length
  return {
    mean: distances.reduce((sum, distance) => sum + distance, 0) / count,
    shareBeyond: (limit: number) => distances.filter(distance => distance > limit).length / count,
  }
}

/** The authors' preprocessing. It is repeated here, because the test checks the table of models. */
interface Contract {
  side: number
  mean: number[]
  std: number[]
}

/** Compares nobg's steps (decode, resize, inference process) with a simple implementation that shares no code with them. */
async function expectAgreement(model: Model, photo: string, weights: string, contract: Contract) {
  const { side } = contract
  const raster = await decodeImage(await readFile(photo))
  const picture = await resizeForModel(raster, side, side)
  const { matte } = await workers.predict(model, weights, [picture])

  const planes = splitPlanes(raster)
  const exact = resizePlainly(planes, raster, side, level => level)
  const inBytes = resizePlainly(planes, raster, side, Math.round)
  const predictPlainly = await openPlainly(weights, contract)

  // The picture: rounding to bytes has a mean error of 0.25 levels. sharp's faster method for large reductions adds a little.
  for (const [index, plane] of splitPlanes(picture).entries()) {
    const distance = compare(plane, exact[index])
    expect(distance.mean).toBeLessThan(0.5)
    expect(distance.shareBeyond(3)).toBeLessThan(0.001)
  }

  // The matte of the same picture: half a level of rounding, and 0.1 for another order of additions.
  expect(compare(matte.data, await predictPlainly(splitPlanes(picture), side)).shareBeyond(0.6)).toBe(0)

  // The matte of the photograph. If a network is uncertain, rounding its input to bytes changes alpha by many levels. The
  // simple implementation measures this effect. The limit is twice the effect, plus 1 in 1000 samples beyond 4 levels.
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

  test.skipIf(!existsSync(large))('a larger photograph (skipped if the photograph is missing)', () =>
    expectAgreement(u2netp, large, weights, contract),
  )
})

describe('the matte of IS-Net agrees with a plain computation', () => {
  const isnet = models.find(({ id }) => id === 'isnet') as Model
  /** The weights that the benchmark installs: the same network in another file. */
  const weights = join(root, 'packages/bench/peers/isnet/isnet.onnx')
  const row: Model = { ...isnet, bytes: undefined, sha256: undefined }
  const contract = { side: 1024, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }

  test.skipIf(!existsSync(weights))(
    'chelsea (skipped until the benchmark has installed IS-Net)',
    { timeout: 180_000 },
    () => expectAgreement(row, findPhoto('chelsea'), weights, contract),
  )
})
