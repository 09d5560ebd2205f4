import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmbeddedQueue, type EmbeddedQueueSettings } from '../../src/queue/embedded-queue.ts'
import type { Queue } from '../../src/requests/queue.ts'

import { testQueue } from './conformance.ts'
import { echo, endOf, holdRuns, openGate, submit } from './requests.ts'

let dir: string
let queues: Queue[]
/** Ids in the order of their runs. */
let ran: string[]
let errors: unknown[]

/** The folder of the records. */
const home = () => join(dir, readdirSync(dir).find(name => name.startsWith('generation-')) ?? '')

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-queue-'))
  queues = []
  ran = []
  errors = []
})

afterEach(async () => {
  for (const queue of queues) await queue.close()
  await rm(dir, { recursive: true })
})

/** Collects garbage. Node has the function only if V8 is told so. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

async function open(settings: Partial<EmbeddedQueueSettings> = {}, start = true): Promise<Queue> {
  const { run = async request => echo(request), ...others } = settings
  const queue = await createEmbeddedQueue({
    dir,
    concurrency: 1,
    maxWaiting: 100,
    maxWaitingBytes: 2 ** 31,
    maxCloseMs: 2 ** 40,
    retentionMs: 3_600_000,
    onFinished: async () => {},
    onError: error => errors.push(error),
    ...others,
    run: (request, context) => {
      ran.push(request.id)
      return run(request, context)
    },
  })
  queues.push(queue)
  if (start) queue.start()
  return queue
}

testQueue(
  'the embedded queue',
  settings =>
    createEmbeddedQueue({
      dir: join(dir, 'common'),
      retentionMs: 3_600_000,
      maxWaitingBytes: 2 ** 31,
      maxCloseMs: 2 ** 40,
      onFinished: async () => {},
      ...settings,
    }),
  async () => {},
)

test('a canceled request keeps nothing of the call that canceled it', async () => {
  const { run, started } = holdRuns()
  const queue = await open({ run })
  const id = await submit(queue)
  await started
  // Like the handler of a call: a function beside the body that it uses.
  const openCall = () => {
    const body = Buffer.alloc(1000)
    return { kept: new WeakRef(body), cancel: async () => (await queue.cancel(id)) + body.length }
  }
  const cancelByCall = async () => {
    const { kept, cancel } = openCall()
    await cancel()
    return kept
  }
  const body = await cancelByCall()
  do {
    await delay(100)
    collectGarbage()
  } while (body.deref())
  expect((await queue.find(id))?.state).toBe('COMPLETED')
})

describe('a new start', () => {
  test('has the finished results and runs waiting requests; closing waited for the running one', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({ run })
    const running = await submit(queue, 1)
    const waiting = [await submit(queue, 2), await submit(queue, 3)]
    await started
    const closed = queue.close()
    letGo()
    await closed
    expect(ran).toEqual([running])

    const next = await open()
    expect((await next.find(running))?.outcome).toEqual({ status: 200, body: 1 })
    expect(await Promise.all(waiting.map(id => endOf(next, id)))).toMatchObject([{ body: 2 }, { body: 3 }])
    expect(ran).toEqual([running, ...waiting])
  })

  test('removes expired results', async () => {
    const queue = await open({ retentionMs: 0 })
    const id = await submit(queue)
    await endOf(queue, id)
    await queue.close()
    expect(await (await open({ retentionMs: -1 })).find(id)).toBeUndefined()
    expect(await readdir(join(home(), 'requests'))).toEqual([])
  })

  test('calls onFinished until it has resolved', async () => {
    const finished: unknown[] = []
    const webhookUrl = 'http://localhost'
    const failing = await open({ onFinished: () => Promise.reject(new Error('failing')) })
    const id = await submit(failing, 1, { webhookUrl })
    await endOf(failing, id)
    await failing.close()
    const onFinished: EmbeddedQueueSettings['onFinished'] = async (request, outcome) =>
      void finished.push(request.id, outcome)
    const resolving = await open({ onFinished })
    while (!(await readFile(join(home(), 'requests', `${id}.json`), 'utf8')).includes('"delivered":true'));
    await resolving.close()
    await open({ onFinished })
    expect(finished).toEqual([id, { status: 200, body: 1 }])
  })

  /** Writes the records of a killed process. @param attempts number of starts of each request. */
  async function leaveStarted(attempts: number[]): Promise<string[]> {
    const queue = await open({}, false)
    const ids: string[] = []
    for (const often of attempts) {
      const id = await submit(queue, often)
      if (often > 0) await writeFile(join(home(), 'starts', id), '.'.repeat(often))
      ids.push(id)
    }
    await queue.close()
    return ids
  }

  test('gives up a request that was started three times, and runs the others', async () => {
    const [fresh, twice, thrice] = await leaveStarted([0, 2, 3])
    const queue = await open()
    expect(await endOf(queue, thrice)).toMatchObject({ status: 500 })
    expect(await endOf(queue, twice)).toMatchObject({ status: 200 })
    expect(await endOf(queue, fresh)).toMatchObject({ status: 200 })
    expect(ran).toEqual([twice, fresh])
  })

  test('runs each request that may have killed the last process alone, and then the others together', async () => {
    const ids = await leaveStarted([1, 0, 0, 1, 1])
    let running = 0
    const together: number[] = []
    const bothRun = openGate()
    const run: EmbeddedQueueSettings['run'] = async request => {
      together.push(++running)
      if (running === 2) bothRun.resolve()
      // Requests without a start run together; the others run alone and must not wait.
      await (request.input === 0 ? bothRun.promise : new Promise(setImmediate))
      running--
      return echo(request)
    }
    const queue = await open({ concurrency: 2, run }, false)
    await queue.cancel(ids[4])
    queue.start()
    for (const id of ids.slice(0, 4)) expect(await endOf(queue, id)).toMatchObject({ status: 200 })
    expect(together).toEqual([1, 1, 1, 2])
  })

  test('moves damaged records to a folder and reports them', async () => {
    const queue = await open({}, false)
    const whole = await submit(queue, 1)
    await queue.close()
    const half = await readFile(join(home(), 'requests', `${whole}.json`), 'utf8')
    const leavings = {
      'half.json': half.slice(0, 40),
      'empty.json': '',
      'other.json': '{"input":0}',
      'x.json.123': half,
    }
    for (const [name, text] of Object.entries(leavings)) await writeFile(join(home(), 'requests', name), text)
    await writeFile(join(home(), 'starts', 'orphan'), '.')

    const next = await open()
    expect(await endOf(next, whole)).toMatchObject({ body: 1 })
    expect((await readdir(join(home(), 'damaged'))).sort()).toEqual(['empty.json', 'half.json', 'other.json'])
    expect(await readdir(join(home(), 'requests'))).toEqual([`${whole}.json`])
    expect(await readdir(join(home(), 'starts'))).toEqual([])
    expect(errors.map(error => (error as Error).message)).toEqual(
      Array(3).fill(expect.stringContaining('damaged')),
    )
  })
})

test('closing aborts a run at its limit; the next start runs the request and counts no crash', async () => {
  const { run, started } = holdRuns()
  const queue = await open({ run, maxCloseMs: 20 })
  const ids = [await submit(queue, 1), await submit(queue, 2)]
  await started
  expect(readdirSync(join(home(), 'starts'))).toHaveLength(1)
  await queue.close()
  expect(await readFile(join(home(), 'starts', ids[0]), 'utf8')).toBe('')
  const next = await open()
  for (const [index, id] of ids.entries())
    expect(await endOf(next, id)).toMatchObject({ status: 200, body: index + 1 })
  expect(ran).toEqual([ids[0], ...ids])
  expect(errors).toEqual([])
})

test('onEnded is called once for each request, also if it ended while it waited', async () => {
  const ended: [string, number][] = []
  const queue = await open({ onEnded: ({ id }, { status }) => ended.push([id, status]) }, false)
  const [canceled, done] = [await submit(queue, 1), await submit(queue, 2)]
  await queue.cancel(canceled)
  await queue.cancel(canceled)
  queue.start()
  await endOf(queue, done)
  expect(ended).toEqual([
    [canceled, 499],
    [done, 200],
  ])
})

describe('failures', () => {
  test('a folder belongs to one queue at a time', async () => {
    const queue = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(dir),
    })
    await queue.close()
    await open()
  })

  test('after a run that throws and a record that is missing or damaged, the next request runs', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({
      run: (request, context) =>
        request.input === 'throw' ? Promise.reject(new Error('thrown')) : run(request, context),
    })
    const thrown = await submit(queue, 'throw')
    expect(await endOf(queue, thrown)).toMatchObject({ status: 500 })
    const running = await submit(queue, 2)
    const gone = await submit(queue, 3)
    const damaged = await submit(queue, 4)
    await started
    for (const id of [running, gone]) await rm(join(home(), 'requests', `${id}.json`))
    await writeFile(join(home(), 'requests', `${damaged}.json`), '{')
    letGo()
    expect(await endOf(queue, running)).toMatchObject({ body: 2 })
    expect(await endOf(queue, gone)).toMatchObject({ status: 500 })
    expect(await endOf(queue, damaged)).toMatchObject({ status: 500 })
    expect(await endOf(queue, await submit(queue, 5))).toMatchObject({ body: 5 })
    expect(errors).toHaveLength(3)
  })

  test('the input and the count of starts are on disk until the request has ended', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({ run })
    const id = await submit(queue, { image_url: 'data:,' })
    const readRecord = () => readFile(join(home(), 'requests', `${id}.json`), 'utf8')
    await started
    expect(await readRecord()).toContain('data:')
    expect(await readdir(join(home(), 'starts'))).toEqual([id])
    letGo()
    expect(await endOf(queue, id)).toMatchObject({ status: 200 })
    expect(JSON.parse(await readRecord())).toMatchObject({ attempts: 1, outcome: { status: 200 } })
    expect(JSON.parse(await readRecord())).not.toHaveProperty('input')
    expect(await readdir(join(home(), 'starts'))).toEqual([])
  })
})

describe('waiting images have at most maxWaitingBytes together', () => {
  const image = (length: number) => ({ image_url: 'x'.repeat(length) })
  const maxWaitingBytes = 1000

  test('also those that arrive at the same moment', async () => {
    const queue = await open({ maxWaitingBytes }, false)
    const submits = await Promise.allSettled([1, 2, 3, 4].map(() => submit(queue, image(400))))
    expect(submits.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(submits[2]).toMatchObject({ reason: { name: 'QueueFullError' } })
    await submit(queue, image(200))
    await expect(submit(queue, image(1))).rejects.toThrow('at most 1000 bytes')
    await submit(queue, image(0))
  })

  test('also after a restart, until they run', async () => {
    const first = await open({ maxWaitingBytes }, false)
    await submit(first, image(900))
    await first.close()
    const queue = await open({ maxWaitingBytes }, false)
    await expect(submit(queue, image(200))).rejects.toThrow('at most 1000 bytes')
    queue.start()
    while ((await queue.count()).waiting > 0) await new Promise(setImmediate)
    expect(await endOf(queue, await submit(queue, image(200)))).toMatchObject({ status: 200 })
  })

  test('a single image that is larger is accepted', async () => {
    expect(await endOf(await open({ maxWaitingBytes }), await submit(queues[0], image(5000)))).toMatchObject({
      status: 200,
    })
  })
})
