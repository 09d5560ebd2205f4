import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { saveModel, slowBrightness } from '../support/graphs.ts'
import { plainWorkers } from '../support/plain-workers.ts'
import { isAlive, listChildren, seesProcesses, waitUntil } from '../support/processes.ts'
import { type Script, startScript } from '../support/script.ts'

const sources = new URL('../../src/', import.meta.url)
const photo = join(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')

let dir: string
let script: Script

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-lifetime-'))
})

afterEach(async () => {
  script.process.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

const processes = new URL('../support/processes.ts', import.meta.url)

/** A program that processes one image and closes nothing. Its idle workers would run for an hour. */
const cutOne = () => `
  import { createRemover } from '${sources}index.ts'
  import '${sources}internal.ts'
  import { listChildren, seesProcesses } from '${processes}'
  const remover = createRemover({ cacheDir: ${JSON.stringify(join(dir, 'cache'))}, idleTimeoutMs: 3_600_000 })
  const { cached, width } = await remover.removeBackground(${JSON.stringify(photo)}, { model: 'u2netp' })
  console.log(JSON.stringify({ cached, width, objects: listObjects(), children: seesProcesses ? listChildren() : [] }))
  function listObjects() {
    process.report.excludeNetwork = true
    return process.report.getReport().sharedObjects.filter(name => /onnxruntime|libvips/.test(name))
  }
`

test('a program ends without close after its image is done', async () => {
  script = startScript(cutOne())
  const { width, children } = JSON.parse((await script.readLine()) ?? '')
  expect(width).toBe(600)
  if (seesProcesses) expect(children).toHaveLength(1)
  expect(await script.ended).toBe(0)
  if (seesProcesses) await waitUntil(() => !children.some(isAlive))
})

test('ONNX Runtime sends no telemetry: it writes no event queue and no identifier', async () => {
  // In CI, ONNX Runtime sends no telemetry anyway.
  const environment = { HOME: dir, XDG_CACHE_HOME: join(dir, 'xdg'), TMPDIR: dir, CI: undefined }
  script = startScript(cutOne(), environment)
  expect(JSON.parse((await script.readLine()) ?? '').width).toBe(600)
  await script.ended
  expect(await readdir(dir)).toEqual(['cache'])
})

test('the main process never loads ONNX Runtime; with a warm cache it starts no process and does not load sharp', async () => {
  script = startScript(cutOne())
  const cold = JSON.parse((await script.readLine()) ?? '')
  await script.ended
  script = startScript(cutOne())
  const warm = JSON.parse((await script.readLine()) ?? '')
  await script.ended
  expect(warm.children).toEqual([])
  expect([cold.cached, warm.cached]).toEqual([false, true])
  // A thread has loaded libvips, so the list contains loaded libraries.
  expect(cold.objects.join()).toContain('libvips')
  expect(cold.objects.join()).not.toContain('onnxruntime')
  expect(warm.objects).toEqual([])
})

describe.skipIf(!seesProcesses)('a parent (Linux only, reads /proc)', () => {
  /** Starts a program whose model runs for an hour, or has run and is idle. */
  async function startModel(blurs: number, end: string): Promise<number> {
    const model = await saveModel(join(dir, 'slow.onnx'), slowBrightness(blurs))
    script = startScript(`
      import { createWorkers } from '${sources}workers/pools.ts'
      const workers = createWorkers({ ...${JSON.stringify(plainWorkers)}, logger: console, idleTimeoutMs: 3_600_000 })
      const side = 512
      const picture = { data: new Uint8Array(3 * side * side), width: side, height: side, channels: 3 }
      const model = ${JSON.stringify(model)}
      const run = workers.predict(model, model.path, [picture], { onPass: () => setTimeout(told, 1500) })
      function told() { console.log('runs'); ${end} }
      setInterval(() => {}, 1000)
      await run
      console.log('idles')
    `)
    // On a machine under load, the model needs more time until it is idle.
    const expected = blurs > 1000 ? 'runs' : 'idles'
    for (let line: string | undefined; line !== expected; ) {
      line = await script.readLine()
      // An undefined line means that the program has ended.
      expect(line).toBeDefined()
    }
    const [child] = listChildren(script.process.pid)
    return child
  }

  test.each([
    ['killed while the model runs', 5000, '', 'SIGKILL'],
    ['killed while it is idle', 1, '', 'SIGKILL'],
    ['terminated while the model runs', 5000, '', 'SIGTERM'],
    ['that exits while the model runs', 5000, 'setTimeout(() => process.exit(), 500)', undefined],
  ] as const)('%s: its child ends too', async (_, blurs, end, signal) => {
    const child = await startModel(blurs, end)
    expect(isAlive(child)).toBe(true)
    if (signal) script.process.kill(signal)
    await script.ended
    await waitUntil(() => !isAlive(child))
  })
})
