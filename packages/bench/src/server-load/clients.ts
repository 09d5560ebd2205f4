import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** What clients saw. */
export interface Seen {
  /** Requests whose result was fetched and is whole. */
  finished: number
  /** Requests that were accepted and have no result. */
  lost: number
  /** Each status call's time, in ms. */
  statusMs: number[]
}

/** Several clients of one server. */
export interface Clients {
  /** Lets them work until a moment has come, and finish what they have begun. */
  work(until: number): Promise<Seen>
  close(): Promise<void>
}

export function openClients(url: string, photograph: Uint8Array, count: number): Clients {
  const threads = Array.from({ length: count }, () => {
    return new Worker(new URL('./client.ts', import.meta.url), { workerData: { url, photograph } })
  })
  return {
    async work(until) {
      const all = await Promise.all(
        threads.map(async (thread): Promise<Seen> => {
          const answered = once(thread, 'message')
          thread.postMessage(until)
          return (await answered)[0]
        }),
      )
      return all.reduce((sum, { finished, lost, statusMs }) => ({
        finished: sum.finished + finished,
        lost: sum.lost + lost,
        statusMs: [...sum.statusMs, ...statusMs],
      }))
    },
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}
