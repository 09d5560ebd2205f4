import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { decodeImage } from '../../src/image/decode.ts'
import { resizeForModel } from '../../src/image/resize.ts'
import { models } from '../../src/models/table.ts'
import type { Raster } from '../../src/shared/types.ts'
import { createWorkers } from '../../src/workers/pools.ts'
import type { Prediction } from '../../src/workers/predict-matte.ts'
import { plainWorkers } from '../support/plain-workers.ts'

const photos = join(import.meta.dirname, '../../../../examples/vite/src/photos')
const weights = createRequire(import.meta.url).resolve('@nobg/u2netp/u2netp.onnx')
const u2netp = models.find(({ id }) => id === 'u2netp')!

afterEach(() => vi.unstubAllEnvs())

async function predict(picture: Raster, runtime: string): Promise<Prediction> {
  vi.stubEnv('NOBG_RUNTIME', runtime)
  const workers = createWorkers({ ...plainWorkers, threads: 2 })
  const prediction = await workers.predict(u2netp, weights, [picture])
  await workers.close()
  return prediction
}

test('the WebAssembly build gives the matte that the native build gives, within one level', async () => {
  const photo = await decodeImage(await readFile(join(photos, 'astronaut.png')))
  const picture = await resizeForModel(photo, 320, 320)
  const native = await predict(picture, '')
  const wasm = await predict(picture, 'wasm')
  expect([native.runtime.isWasm, wasm.runtime.isWasm]).toEqual([false, true])
  expect(wasm.executionProvider).toBe('cpu')
  const differences = native.matte.data.map((level, index) => Math.abs(level - wasm.matte.data[index]))
  expect(Math.max(...differences)).toBeLessThanOrEqual(1)
  // The photograph has a subject and a background, so that equal mattes mean something.
  expect([Math.min(...native.matte.data), Math.max(...native.matte.data)]).toEqual([0, 255])
})
