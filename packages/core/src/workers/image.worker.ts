// Runs in a worker thread or a child process: sharp's copies and the arithmetic on megapixels would block the main thread for seconds.
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { isMainThread, type MessagePort } from 'node:worker_threads'
import { createCollector } from '../shared/collect-garbage.ts'
import { followParent } from './follow-parent.ts'
import { listMovable, makeMovable } from './movable.ts'
import { type Reply, replyWith } from './reply.ts'
import { createSteps, type Steps } from './steps.ts'

/** A request to run one step on the picture. */
export interface StepRequest {
  step: keyof Steps
  input: unknown
}

if (isMainThread) followParent()
/** Time without a picture after which an idle process collects its garbage. */
const PAUSE_MS = 1000
const collectGarbage = isMainThread ? createCollector() : undefined
let pause: NodeJS.Timeout | undefined

/** Processes one picture: runs the steps that are requested, until the parent lets this worker go. */
export default async function processPicture({ port }: { port?: MessagePort }): Promise<void> {
  clearTimeout(pause)
  const steps = createSteps()
  let running: Promise<void> | undefined
  const runStep = async ({ step, input }: StepRequest, send: (reply: Reply<unknown>) => void) => {
    send(await replyWith(async () => makeMovable(await steps[step](input as never))))
  }

  await (port ? listenToPort : listenToParent)((request, send) => {
    running = runStep(request, send)
  }, port as MessagePort)
  // The caller may have let this worker go during a step.
  await running
  steps.clear()
  // sharp frees its memory in the next turn of the event loop. An idle thread has no turns, so wait for one here.
  await setImmediate()
  if (collectGarbage) pause = setTimeout(collectGarbage, PAUSE_MS).unref()
}

type OnRequest = (request: StepRequest, send: (reply: Reply<unknown>) => void) => void

/** Resolves when the port is closed. */
async function listenToPort(onRequest: OnRequest, port: MessagePort): Promise<void> {
  port.on('message', (request: StepRequest) =>
    onRequest(request, reply => port.postMessage(reply, 'value' in reply ? listMovable(reply.value) : [])),
  )
  await once(port, 'close')
}

/** Resolves when the parent has sent `end`. */
async function listenToParent(onRequest: OnRequest): Promise<void> {
  await new Promise<void>(resolve => {
    const listen = (message: StepRequest | 'end' | object) => {
      if (message === 'end') {
        process.off('message', listen)
        resolve()
        return
      }
      // Others are messages of the pool.
      if (typeof message === 'object' && 'step' in message) onRequest(message, reply => process.send?.(reply))
    }
    process.on('message', listen)
    process.send?.('ready')
  })
}
