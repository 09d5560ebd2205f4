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

/** What a client is told to do, in ms since 1970. */
export interface Errand {
  until: number
  /** Whether it asks for statuses and does nothing else. */
  onlyPolls: boolean
}

/** Several clients of one server. */
export interface Clients {
  /** Lets them work until a moment has come, and finish what they have begun. */
  work(until: number): Promise<Seen>
  /** Lets them ask for statuses, and do nothing else. */
  poll(until: number): Promise<Seen>
  close(): Promise<void>
}

export function openClients(url: string, photograph: Uint8Array, count: number): Clients {
  const threads = Array.from({ length: count }, () => {
    return new Worker(new URL('./client.ts', import.meta.url), { workerData: { url, photograph } })
  })
  async function send(errand: Errand): Promise<Seen> {
    const all = await Promise.all(
      threads.map(async (thread): Promise<Seen> => {
        const answered = once(thread, 'message')
        thread.postMessage(errand)
        return (await answered)[0]
      }),
    )
    return all.reduce((sum, { finished, lost, statusMs }) => ({
      finished: sum.finished + finished,
      lost: sum.lost + lost,
      statusMs: [...sum.statusMs, ...statusMs],
    }))
  }

  return {
    work: until => send({ until, onlyPolls: false }),
    poll: until => send({ until, onlyPolls: true }),
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}
