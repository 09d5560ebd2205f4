import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmbeddedQueue, type EmbeddedSettings } from '../../src/queue/embedded.ts'
import { cancelled } from '../../src/queue/outcomes.ts'
import type { Queue } from '../../src/queue/queue.ts'
import type { CutoutRequest, Outcome, Snapshot } from '../../src/requests.ts'

let dir: string
let queues: Queue[]
/** Ids in the order in which they were run. */
let ran: string[]
let errors: unknown[]

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

const never = new AbortController().signal
const echo = (request: CutoutRequest): Outcome => ({ status: 200, body: request.input })

async function open(settings: Partial<EmbeddedSettings> = {}, start = true): Promise<Queue> {
  const { run = async request => echo(request), ...others } = settings
  const queue = await createEmbeddedQueue({
    dir,
    concurrency: 1,
    maxWaiting: 100,
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

function requestOf(input: unknown, more: Partial<CutoutRequest> = {}): CutoutRequest {
  return {
    id: randomUUID(),
    app: 'fal-ai/birefnet',
    input,
    priority: 'normal',
    createdAt: Date.now(),
    ...more,
  }
}

async function submit(queue: Queue, input?: unknown, more?: Partial<CutoutRequest>): Promise<string> {
  return (await queue.submit(requestOf(input, more))).id
}

async function watchAll(queue: Queue, id: string, signal = never): Promise<Snapshot[]> {
  const seen: Snapshot[] = []
  for await (const snapshot of queue.watch(id, signal)) seen.push(snapshot)
  return seen
}

const endOf = async (queue: Queue, id: string) => (await watchAll(queue, id)).at(-1)?.outcome

function openGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

/** Runs that end when they are told to, or aborted; `started` resolves with the first. */
function holdRuns() {
  const started = openGate()
  const gate = openGate()
  const run: EmbeddedSettings['run'] = async (request, { signal }) => {
    started.resolve()
    const aborted = openGate()
    signal.addEventListener('abort', () => aborted.resolve())
    await Promise.race([gate.promise, aborted.promise])
    return signal.aborted ? cancelled : echo(request)
  }
  return { run, started: started.promise, letGo: gate.resolve }
}

describe('order', () => {
  test('low comes after normal; else who comes first runs first, and positions say so', async () => {
    const queue = await open({}, false)
    const low = await submit(queue, 1, { priority: 'low' })
    const first = await submit(queue, 2)
    const second = await submit(queue, 3)
    const positions = await Promise.all(
      [first, second, low].map(async id => (await queue.find(id))?.position),
    )
    expect(positions).toEqual([0, 1, 2])
    queue.start()
    await endOf(queue, low)
    expect(ran).toEqual([first, second, low])
  })

  test('no more than may wait, however many come at once', async () => {
    const queue = await open({ maxWaiting: 3 }, false)
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => submit(queue)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((all.at(-1) as PromiseRejectedResult).reason.name).toBe('QueueFullError')
    expect(await queue.count()).toEqual({ waiting: 3, running: 0 })
  })

  test('what has not started in time never does', async () => {
    const { run, letGo, started } = holdRuns()
    const queue = await open({ run })
    const first = await submit(queue)
    await started
    const late = await submit(queue, 1, { startBy: Date.now() + 5 })
    expect(await endOf(queue, late)).toMatchObject({ status: 504 })
    letGo()
    expect(await endOf(queue, first)).toMatchObject({ status: 200 })
    expect(ran).toEqual([first])
  })
})

describe('cancel', () => {
  test('of one that waits: it never runs, and a second cancel is too late', async () => {
    const queue = await open({}, false)
    const id = await submit(queue)
    const answers = await Promise.all([queue.cancel(id), queue.cancel(id)])
    expect(answers).toEqual(['requested', 'completed'])
    queue.start()
    await endOf(queue, await submit(queue))
    expect(ran).not.toContain(id)
    expect((await queue.find(id))?.outcome).toEqual(cancelled)
  })

  test('of one that starts at that moment', async () => {
    const { run } = holdRuns()
    const queue = await open({ run }, false)
    const ids = [await submit(queue), await submit(queue)]
    queue.start()
    expect(await Promise.all(ids.map(id => queue.cancel(id)))).toEqual(['requested', 'requested'])
    for (const id of ids) expect(await endOf(queue, id)).toEqual(cancelled)
    expect(errors).toEqual([])
  })

  test('of one that runs: it ends at once, and makes room', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({ run })
    const id = await submit(queue)
    await started
    expect(await queue.cancel(id)).toBe('requested')
    expect((await queue.find(id))?.outcome).toEqual(cancelled)
    letGo()
    expect(await endOf(queue, await submit(queue, 2))).toEqual({ status: 200, body: 2 })
  })

  test('of one that ends at that moment: one of both counts, for ever', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({ run })
    const id = await submit(queue, 1)
    await started
    letGo()
    const answer = await queue.cancel(id)
    const outcome = await endOf(queue, id)
    expect(outcome).toEqual(answer === 'completed' ? { status: 200, body: 1 } : cancelled)
    await queue.close()
    expect((await (await open()).find(id))?.outcome).toEqual(outcome)
  })

  test('of one that has ended, or never was', async () => {
    const queue = await open()
    const id = await submit(queue, 1)
    await endOf(queue, id)
    expect(await queue.cancel(id)).toBe('completed')
    expect((await queue.find(id))?.outcome).toEqual({ status: 200, body: 1 })
    expect(await queue.cancel('nobody')).toBe('unknown')
  })
})

describe('watch', () => {
  const sayHere: EmbeddedSettings['run'] = async (request, { log }) => {
    log('Here.')
    return echo(request)
  }

  test('many see the states in order, and the end', async () => {
    const queue = await open({ run: sayHere }, false)
    const id = await submit(queue, 1)
    const all = Promise.all(Array.from({ length: 20 }, () => watchAll(queue, id)))
    queue.start()
    for (const seen of await all) {
      const states = [...new Set(seen.map(({ state }) => state))]
      expect(states).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'])
      expect(seen.at(-1)).toMatchObject({ outcome: { body: 1 }, logs: [{ message: 'Here.' }] })
    }
  })

  test('sees the end though it looks away meanwhile', async () => {
    const queue = await open({}, false)
    const id = await submit(queue)
    const states: string[] = []
    for await (const { state } of queue.watch(id, never)) {
      states.push(state)
      queue.start()
      if (state !== 'COMPLETED') await endOf(queue, id)
    }
    expect(states.at(-1)).toBe('COMPLETED')
  })

  test('ends when its signal fires, before or after', async () => {
    const queue = await open({}, false)
    const id = await submit(queue)
    const gone = new AbortController()
    const seen = watchAll(queue, id, gone.signal)
    setImmediate(() => gone.abort())
    expect(await seen).toHaveLength(1)
    expect(await watchAll(queue, id, gone.signal)).toEqual([])
    expect(await watchAll(queue, 'nobody')).toEqual([])
  })

  test('ends when the queue closes', async () => {
    const queue = await open({}, false)
    const seen = watchAll(queue, await submit(queue))
    await queue.close()
    expect((await seen).at(-1)).toMatchObject({ state: 'IN_QUEUE' })
    await expect(submit(queue)).rejects.toMatchObject({ name: 'QueueClosedError' })
  })
})

describe('a new start', () => {
  test('finds what ended, and runs what waited; closing let what ran end', async () => {
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

  test('forgets what ended too long ago', async () => {
    const queue = await open({ retentionMs: 0 })
    const id = await submit(queue)
    await endOf(queue, id)
    await queue.close()
    expect(await (await open({ retentionMs: -1 })).find(id)).toBeUndefined()
    expect(await readdir(join(dir, 'requests'))).toEqual([])
  })

  test('tells of an end until it was heard', async () => {
    const heard: unknown[] = []
    const webhookUrl = 'http://localhost'
    const deaf = await open({ onFinished: () => Promise.reject(new Error('deaf')) })
    const id = await submit(deaf, 1, { webhookUrl })
    await endOf(deaf, id)
    await deaf.close()
    const onFinished: EmbeddedSettings['onFinished'] = async (request, outcome) =>
      void heard.push(request.id, outcome)
    const hearing = await open({ onFinished })
    while (!(await readFile(join(dir, 'requests', `${id}.json`), 'utf8')).includes('"told":true'));
    await hearing.close()
    await open({ onFinished })
    expect(heard).toEqual([id, { status: 200, body: 1 }])
  })

  /** Leaves the records that a killed process leaves: of requests that had been started so often. */
  async function leaveStarted(attempts: number[]): Promise<string[]> {
    const queue = await open({}, false)
    const ids: string[] = []
    for (const often of attempts) {
      const id = await submit(queue, often)
      const path = join(dir, 'requests', `${id}.json`)
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), attempts: often }))
      ids.push(id)
    }
    await queue.close()
    return ids
  }

  test('gives up what has been started three times, and runs the others', async () => {
    const [fresh, twice, thrice] = await leaveStarted([0, 2, 3])
    const queue = await open()
    expect(await endOf(queue, thrice)).toMatchObject({ status: 500 })
    expect(await endOf(queue, twice)).toMatchObject({ status: 200 })
    expect(await endOf(queue, fresh)).toMatchObject({ status: 200 })
    expect(ran).toEqual([twice, fresh])
  })

  test('runs alone what may have killed the last process, cancelled ones or not, and the others together again', async () => {
    const ids = await leaveStarted([1, 0, 0, 1, 1])
    let running = 0
    const together: number[] = []
    const bothRun = openGate()
    const run: EmbeddedSettings['run'] = async request => {
      together.push(++running)
      if (running === 2) bothRun.resolve()
      // Fresh ones meet; the others would wait here for ever.
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

  test('moves aside what is damaged, and says so', async () => {
    const queue = await open({}, false)
    const whole = await submit(queue, 1)
    await queue.close()
    const half = await readFile(join(dir, 'requests', `${whole}.json`), 'utf8')
    const leavings = {
      'half.json': half.slice(0, 40),
      'empty.json': '',
      'other.json': '{"attempts":0}',
      'x.json.123': half,
    }
    for (const [name, text] of Object.entries(leavings)) await writeFile(join(dir, 'requests', name), text)
    await writeFile(join(dir, 'inputs', 'orphan.json'), '{}')

    const next = await open()
    expect(await endOf(next, whole)).toMatchObject({ body: 1 })
    expect((await readdir(join(dir, 'damaged'))).sort()).toEqual(['empty.json', 'half.json', 'other.json'])
    expect(await readdir(join(dir, 'requests'))).toEqual([`${whole}.json`])
    expect(await readdir(join(dir, 'inputs'))).toEqual([])
    expect(errors.map(error => (error as Error).message)).toEqual(
      Array(3).fill(expect.stringContaining('damaged')),
    )
  })
})

describe('trouble', () => {
  test('a folder is of one queue at a time', async () => {
    const queue = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(dir),
    })
    await queue.close()
    await open()
  })

  test('a run that throws, an input that is gone, a record that is gone: each ends, and the next one runs', async () => {
    const { run, started, letGo } = holdRuns()
    const queue = await open({
      run: (request, context) =>
        request.input === 'throw' ? Promise.reject(new Error('thrown')) : run(request, context),
    })
    const thrown = await submit(queue, 'throw')
    expect(await endOf(queue, thrown)).toMatchObject({ status: 500 })
    const recordless = await submit(queue, 2)
    const inputless = await submit(queue, 3)
    await started
    await rm(join(dir, 'requests', `${recordless}.json`))
    await rm(join(dir, 'inputs', `${inputless}.json`))
    letGo()
    expect(await endOf(queue, recordless)).toMatchObject({ body: 2 })
    expect(await endOf(queue, inputless)).toMatchObject({ status: 500 })
    expect(await endOf(queue, await submit(queue, 4))).toMatchObject({ body: 4 })
    expect(errors).toHaveLength(3)
  })

  test('an input lies on disk until its request has ended', async () => {
    const queue = await open({}, false)
    const id = await submit(queue, { image_url: 'data:,' })
    expect(await readdir(join(dir, 'inputs'))).toEqual([`${id}.json`])
    expect(await readFile(join(dir, 'requests', `${id}.json`), 'utf8')).not.toContain('data:')
    queue.start()
    await endOf(queue, id)
    expect(await readdir(join(dir, 'inputs'))).toEqual([])
  })
})
