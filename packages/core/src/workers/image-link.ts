import { MessageChannel } from 'node:worker_threads'
import type Tinypool from 'tinypool'
import type { StepRequest } from './image.worker.ts'
import type { Reply } from './reply.ts'

/** The parent's side of the connection to the worker that processes one picture. */
export interface ImageLink {
  /** Settles when the worker is free again, or has ended. */
  ended: Promise<void>
  /** Sends a request and waits for its reply. An array in `input.data` is transferred to a thread, and copied to a process. */
  ask(request: StepRequest): Promise<Reply<unknown>>
  /** Lets the worker go after its step. */
  close(): void
}

/** Starts a job of the pool. @param signal ends the worker */
export function openThreadLink(pool: Tinypool, signal: AbortSignal): ImageLink {
  const { port1: port, port2 } = new MessageChannel()
  return {
    ended: pool.run({ port: port2 }, { transferList: [port2], signal }),
    ask(request) {
      const answered = new Promise<Reply<unknown>>(resolve => port.once('message', resolve))
      const { data } = (request.input ?? {}) as { data?: Uint8Array<ArrayBuffer> }
      port.postMessage(request, data ? [data.buffer] : [])
      return answered
    },
    close: () => port.close(),
  }
}

/** Starts a job of a pool of processes. @param signal ends the worker */
export function openProcessLink(pool: Tinypool, signal: AbortSignal): ImageLink {
  type Listener = (reply: Reply<unknown>) => void
  let onReply: Listener | undefined
  let send = (_: StepRequest | 'end') => {}
  // The process says when it listens.
  let noteReady = () => {}
  const ready = new Promise<void>(resolve => {
    noteReady = resolve
  })
  const channel = {
    onMessage(sender: typeof send) {
      send = sender
    },
    postMessage(message: Reply<unknown> | 'ready') {
      if (message === 'ready') noteReady()
      else onReply?.(message)
    },
  }
  return {
    ended: pool.run({}, { channel, signal }),
    async ask(request) {
      await ready
      const answered = new Promise<Reply<unknown>>(resolve => {
        onReply = resolve
      })
      send(request)
      return answered
    },
    close: () => void ready.then(() => send('end')),
  }
}
