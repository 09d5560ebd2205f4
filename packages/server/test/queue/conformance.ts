import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canceled } from '../../src/requests/outcomes.ts'
import type { Queue } from '../../src/requests/queue.ts'
import type { Run } from '../../src/requests/request.ts'
import { echo, endOf, holdRuns, never, openGate, submit, watchAll } from './requests.ts'

interface Settings {
  run: Run
  concurrency: number
  maxWaiting: number
  onError(error: unknown): void
}

/** The behavior of every queue. @param openQueue opens a queue with the same storage as the last one, until `reset`. */
export function testQueue(
  name: string,
  openQueue: (settings: Settings) => Promise<Queue>,
  reset: () => Promise<void>,
): void {
  describe(name, () => {
    let queues: Queue[]
    /** Ids in the order of their runs. */
    let ran: string[]
    let errors: unknown[]

    beforeEach(() => {
      queues = []
      ran = []
      errors = []
    })

    afterEach(async () => {
      for (const queue of queues) await queue.close()
      await reset()
    })

    async function open(settings: Partial<Settings> = {}, start = true): Promise<Queue> {
      const { run = async request => echo(request), ...others } = settings
      const queue = await openQueue({
        concurrency: 1,
        maxWaiting: 100,
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

    describe('slots', () => {
      /** Requests with the input `slow` wait outside their slot until the gate is open. */
      function holdSlow() {
        const gate = openGate()
        const asked: string[] = []
        const run: Run = async (request, { yieldSlot }) => {
          if (request.input === 'slow')
            await yieldSlot?.(() => {
              asked.push(request.id)
              return gate.promise
            })
          return echo(request)
        }
        return { run, asked, letGo: gate.resolve }
      }

      test('a request that waits outside its slot lets another run, and runs once', async () => {
        const { run, letGo } = holdSlow()
        const queue = await open({ run })
        const slow = await submit(queue, 'slow')
        const ended = endOf(queue, slow)
        for (const _ of [1, 2, 3])
          expect(await endOf(queue, await submit(queue, 'quick'))).toMatchObject({ status: 200 })
        // Longer than a worker of the test may be silent.
        await delay(1500)
        expect(await queue.find(slow)).toMatchObject({ state: 'IN_PROGRESS' })
        letGo()
        expect(await ended).toMatchObject({ status: 200 })
        expect(ran.filter(id => id === slow)).toHaveLength(1)
        expect(errors).toEqual([])
      })

      test('16 requests at most yield their slot; others run meanwhile', async () => {
        const { run, asked, letGo } = holdSlow()
        const queue = await open({ run, concurrency: 2 })
        const slow = await Promise.all(Array.from({ length: 18 }, () => submit(queue, 'slow')))
        while (asked.length < 18) await new Promise(setImmediate)
        const last = await submit(queue, 'quick')
        expect(await queue.count()).toEqual({ waiting: 1, running: 18 })
        letGo()
        for (const id of [...slow, last]) expect(await endOf(queue, id)).toMatchObject({ status: 200 })
        expect(errors).toEqual([])
      })

      test('a request that is canceled outside its slot ends', async () => {
        const { run, asked, letGo } = holdSlow()
        const queue = await open({ run })
        const slow = await submit(queue, 'slow')
        while (asked.length < 1) await new Promise(setImmediate)
        expect(await queue.cancel(slow)).toBe('requested')
        expect(await endOf(queue, slow)).toEqual(canceled)
        expect(await endOf(queue, await submit(queue, 'quick'))).toMatchObject({ status: 200 })
        letGo()
      })
    })

    describe('the return to a slot', () => {
      /** Requests with the input `slow` wait outside their slot for `letGo`. All count in their slot until `finish`. */
      function holdReturns() {
        const fetched = openGate()
        const finished = openGate()
        /** Ids in the order in which they got a slot. */
        const order: string[] = []
        const active = { now: 0, most: 0, asked: 0 }
        const run: Run = async (request, { yieldSlot }) => {
          if (request.input === 'slow')
            await yieldSlot?.(() => {
              active.asked++
              return fetched.promise
            })
          order.push(request.id)
          active.most = Math.max(active.most, ++active.now)
          await finished.promise
          active.now--
          return echo(request)
        }
        return { run, order, active, letGo: fetched.resolve, finish: finished.resolve }
      }

      const submitSlow = (queue: Queue, count: number) =>
        Promise.all(Array.from({ length: count }, () => submit(queue, 'slow')))

      /** Waits until a condition is true. */
      const until = async (isTrue: () => boolean) => {
        while (!isTrue()) await new Promise(setImmediate)
      }

      test('no more requests run than there are slots, and those that return come first', async () => {
        const { run, order, active, letGo, finish } = holdReturns()
        const queue = await open({ run })
        const slow = await submitSlow(queue, 5)
        await until(() => active.asked === 5)
        letGo()
        await until(() => active.now >= 1)
        const quick = await submit(queue, 'quick')
        finish()
        for (const id of [...slow, quick]) expect(await endOf(queue, id)).toMatchObject({ status: 200 })
        expect(active.most).toBe(1)
        expect(order.at(-1)).toBe(quick)
        expect(errors).toEqual([])
      })

      test('all slots are used again afterwards', async () => {
        const { run, active, letGo, finish } = holdReturns()
        const queue = await open({ run, concurrency: 2 })
        const slow = await submitSlow(queue, 5)
        await until(() => active.asked === 5)
        letGo()
        await until(() => active.now >= 2)
        const others = await Promise.all([1, 2, 3].map(input => submit(queue, input)))
        finish()
        for (const id of [...slow, ...others]) expect(await endOf(queue, id)).toMatchObject({ status: 200 })
        expect(active.most).toBe(2)
      })

      test('a request that is canceled while it waits for a slot ends, and the others run', async () => {
        const { run, order, active, letGo, finish } = holdReturns()
        const queue = await open({ run })
        const slow = await submitSlow(queue, 3)
        await until(() => active.asked === 3)
        letGo()
        await until(() => active.now >= 1)
        const [impatient, ...others] = slow.sort((one, other) => order.indexOf(one) - order.indexOf(other))
        expect(await queue.cancel(impatient)).toBe('requested')
        expect(await endOf(queue, impatient)).toEqual(canceled)
        finish()
        for (const id of others) expect(await endOf(queue, id)).toMatchObject({ status: 200 })
        await queue.close()
        expect(active.most).toBe(1)
        expect(order).not.toContain(impatient)
        expect(errors).toEqual([])
      })

      test('a request whose fetch fails needs no slot to end', async () => {
        const { run, active, finish } = holdReturns()
        const queue = await open({
          run: async (request, context) => {
            if (request.input !== 'broken') return run(request, context)
            const failing = context.yieldSlot?.(() => Promise.reject(new Error('no answer')))
            return { status: 422, body: await failing?.catch(({ message }) => message) }
          },
          concurrency: 2,
        })
        const first = await submit(queue, 'quick')
        const broken = await submit(queue, 'broken')
        expect(await endOf(queue, broken)).toEqual({ status: 422, body: 'no answer' })
        finish()
        expect(await endOf(queue, first)).toMatchObject({ status: 200 })
        expect(active.most).toBe(1)
      })

      test('the queue closes when those that wait for a slot have run', async () => {
        const { run, active, letGo, finish } = holdReturns()
        const queue = await open({ run })
        const slow = await submitSlow(queue, 3)
        await until(() => active.asked === 3)
        letGo()
        await until(() => active.now >= 1)
        const closed = queue.close()
        finish()
        await closed
        const next = await open()
        for (const id of slow) expect((await next.find(id))?.outcome).toMatchObject({ status: 200 })
        expect(active.most).toBe(1)
        expect(errors).toEqual([])
      })
    })

    describe('order', () => {
      test('normal runs before low, then the order is that of the submits, as positions say', async () => {
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

      test('no more than maxWaiting requests wait, also if many are submitted at once', async () => {
        const queue = await open({ maxWaiting: 3 }, false)
        const all = await Promise.allSettled(Array.from({ length: 10 }, () => submit(queue)))
        expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
        expect((all.at(-1) as PromiseRejectedResult).reason.name).toBe('QueueFullError')
        expect(await queue.count()).toEqual({ waiting: 3, running: 0 })
      })

      test('a request that has not started in time never runs', async () => {
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
      test('of a waiting request prevents its run, and a second cancel is too late', async () => {
        const queue = await open({}, false)
        const id = await submit(queue)
        const answers = await Promise.all([queue.cancel(id), queue.cancel(id)])
        expect(answers).toEqual(['requested', 'completed'])
        queue.start()
        await endOf(queue, await submit(queue))
        expect(ran).not.toContain(id)
        expect((await queue.find(id))?.outcome).toEqual(canceled)
      })

      test('of a request that starts at that moment', async () => {
        const { run } = holdRuns()
        const queue = await open({ run }, false)
        const ids = [await submit(queue), await submit(queue)]
        queue.start()
        expect(await Promise.all(ids.map(id => queue.cancel(id)))).toEqual(['requested', 'requested'])
        for (const id of ids) expect(await endOf(queue, id)).toEqual(canceled)
        expect(errors).toEqual([])
      })

      test('of a running request ends it at once, and the next request runs', async () => {
        const { run, started, letGo } = holdRuns()
        const queue = await open({ run })
        const id = await submit(queue)
        await started
        expect(await queue.cancel(id)).toBe('requested')
        expect((await queue.find(id))?.outcome).toEqual(canceled)
        letGo()
        expect(await endOf(queue, await submit(queue, 2))).toEqual({ status: 200, body: 2 })
      })

      test('of a request that ends at the same moment gives one outcome', async () => {
        const { run, started, letGo } = holdRuns()
        const queue = await open({ run })
        const id = await submit(queue, 1)
        await started
        letGo()
        const answer = await queue.cancel(id)
        const outcome = await endOf(queue, id)
        expect(outcome).toEqual(answer === 'completed' ? { status: 200, body: 1 } : canceled)
        await queue.close()
        expect((await (await open()).find(id))?.outcome).toEqual(outcome)
      })

      test('of a request that has ended or is unknown', async () => {
        const queue = await open()
        const id = await submit(queue, 1)
        await endOf(queue, id)
        expect(await queue.cancel(id)).toBe('completed')
        expect((await queue.find(id))?.outcome).toEqual({ status: 200, body: 1 })
        expect(await queue.cancel('unknown-id')).toBe('unknown')
      })
    })

    describe('watch', () => {
      const sayHere: Run = async (request, { log }) => {
        log('Here.')
        return echo(request)
      }

      test('several watchers see the states in order, and the end', async () => {
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

      test('a slow watcher sees the end', async () => {
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
        expect(await watchAll(queue, 'unknown-id')).toEqual([])
      })

      test('ends when the queue closes', async () => {
        const queue = await open({}, false)
        const seen = watchAll(queue, await submit(queue))
        await queue.close()
        expect((await seen).at(-1)).toMatchObject({ state: 'IN_QUEUE' })
        await expect(submit(queue)).rejects.toMatchObject({ name: 'QueueClosedError' })
      })
    })
  })
}
