import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkers, type Workers } from '../../src/workers/pools.ts'
import { saveModel, slowBrightness } from '../support/graphs.ts'
import { plainWorkers } from '../support/plain-workers.ts'

let dir: string
let workers: Workers

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-responsive-'))
  workers = createWorkers({ ...plainWorkers, threads: 0 })
})

afterAll(async () => {
  await workers.close()
  await rm(dir, { recursive: true, force: true })
})

test('the event loop runs while a model runs', async () => {
  const model = await saveModel(join(dir, 'slow.onnx'), slowBrightness(30))
  const side = 512
  const picture = { data: new Uint8Array(3 * side * side), width: side, height: side, channels: 3 as const }
  const predict = () => workers.predict(model, model.path ?? '', [picture])
  await predict()

  let turns = 0
  const timer = setInterval(() => {
    turns++
  }, 10)
  const { inferenceMs } = await predict()
  clearInterval(timer)
  // A tenth of the due timers is enough for a responsive server. A blocked loop fires no timer.
  expect(turns).toBeGreaterThan(inferenceMs / 100)
})
