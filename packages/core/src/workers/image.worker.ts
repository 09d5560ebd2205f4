// Runs in a worker thread: sharp's copies and the arithmetic on megapixels, which would hold the main thread up for seconds.
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { isMarkedAsUntransferable, type MessagePort } from 'node:worker_threads'
import { freeMemory } from '../image/memory.ts'
import { replyWith } from './reply.ts'
import { createSteps, type Steps } from './steps.ts'

/** One step of a picture, as it is asked for. */
export interface StepRequest {
  step: keyof Steps
  input: unknown
}

/** Attends to one picture: takes its steps, as they are asked for through `port`, until that is closed. */
export default async function attend({ port }: { port: MessagePort }): Promise<void> {
  const steps = createSteps()
  let working: Promise<void> | undefined
  port.on('message', ({ step, input }: StepRequest) => {
    working = take(step, input)
  })

  async function take(step: keyof Steps, input: unknown): Promise<void> {
    const reply = await replyWith(async () => makeMovable(await steps[step](input as never)))
    port.postMessage(reply, 'value' in reply ? listMovable(reply.value) : [])
  }

  await once(port, 'close')
  // The caller may have left in the middle of a step.
  await working
  steps.clear()
  // sharp's memory is freed in the next turn, and between two pictures the thread has none.
  await setImmediate()
}

/** The array in `data` is moved to the other side; one that lies in sharp's memory must be copied before. */
async function makeMovable(result: unknown): Promise<unknown> {
  if (!holdsData(result) || !isMarkedAsUntransferable(result.data.buffer)) return result
  // What the step has freed goes in the next turn: the copy can have its place.
  await setImmediate()
  const data = new Uint8Array(result.data)
  freeMemory(result.data)
  return { ...result, data }
}

function listMovable(result: unknown): ArrayBuffer[] {
  return holdsData(result) ? [result.data.buffer as ArrayBuffer] : []
}

function holdsData(result: unknown): result is { data: Uint8Array } {
  return typeof result === 'object' && result !== null && 'data' in result
}
