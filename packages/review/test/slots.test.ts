import { expect, test } from 'vitest'
import { createSlots } from '../src/slots.ts'

const never = new AbortController().signal

/** A job that notes its start, and ends when told to. */
function createJobs() {
  const started: number[] = []
  const ends = new Map<number, () => void>()
  const job = (id: number) => () =>
    new Promise<number>(resolve => {
      started.push(id)
      ends.set(id, () => resolve(id))
    })
  return { started, job, end: (id: number) => ends.get(id)!() }
}

test('runs at most as many jobs as there are slots, the newest first', async () => {
  const slots = createSlots(2)
  const { started, job, end } = createJobs()
  const runs = [1, 2, 3, 4, 5].map(id => slots.run(job(id), never))
  await expect.poll(() => started).toEqual([1, 2])
  end(1)
  await expect.poll(() => started).toEqual([1, 2, 5])
  end(2)
  await expect.poll(() => started).toEqual([1, 2, 5, 4])
  for (const id of [5, 4]) end(id)
  await expect.poll(() => started).toEqual([1, 2, 5, 4, 3])
  end(3)
  expect(await Promise.all(runs)).toEqual([1, 2, 3, 4, 5])
})

test('a job that was canceled while it waited never runs, and a failed job frees its slot', async () => {
  const slots = createSlots(1)
  const { started, job, end } = createJobs()
  const first = slots.run(job(1), never)
  await expect.poll(() => started).toEqual([1])
  const controller = new AbortController()
  const canceled = slots.run(job(2), controller.signal)
  controller.abort()
  end(1)
  expect(await first).toBe(1)
  await expect(canceled).rejects.toMatchObject({ status: 499 })
  await expect(slots.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no')
  const last = slots.run(job(3), never)
  await expect.poll(() => started).toEqual([1, 3])
  end(3)
  expect(await last).toBe(3)
})
