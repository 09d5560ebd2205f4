// Runs in a worker thread: sharp's copies and the arithmetic on megapixels would block the main thread for seconds.
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { isMarkedAsUntransferable, type MessagePort } from 'node:worker_threads'
import { freeMemory } from '../image/memory.ts'
import { replyWith } from './reply.ts'
import { createSteps, type Steps } from './steps.ts'

/** A request to run one step on the picture. */
export interface StepRequest {
  step: keyof Steps
  input: unknown
}

/** Processes one picture: runs the steps that are requested through `port`, until the port is closed. */
export default async function processPicture({ port }: { port: MessagePort }): Promise<void> {
  const steps = createSteps()
  let running: Promise<void> | undefined
  port.on('message', ({ step, input }: StepRequest) => {
    running = runStep(step, input)
  })

  async function runStep(step: keyof Steps, input: unknown): Promise<void> {
    const reply = await replyWith(async () => makeMovable(await steps[step](input as never)))
    port.postMessage(reply, 'value' in reply ? listMovable(reply.value) : [])
  }

  await once(port, 'close')
  // The caller may have closed the port during a step.
  await running
  steps.clear()
  // sharp frees its memory in the next turn of the event loop. An idle thread has no turns, so wait for one here.
  await setImmediate()
}

/** Prepares the array in `data` for transfer: memory of sharp cannot be transferred and is copied. */
async function makeMovable(result: unknown): Promise<unknown> {
  if (!holdsData(result) || !isMarkedAsUntransferable(result.data.buffer)) return result
  // Memory that the step freed is released in the next turn, so that the copy can use it.
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
