import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Results of clients. */
export interface ClientStats {
  /** Requests whose result was fetched and is complete. */
  finished: number
  /** Requests that were accepted and have no result. */
  lost: number
  /** Time of each status call in ms. */
  statusMs: number[]
}

/** A task of a client. */
export interface ClientTask {
  /** End of the task, in ms since 1970. */
  until: number
  /** Whether the client only polls statuses. */
  onlyPolls: boolean
}

/** Several clients of one server. */
export interface Clients {
  /** Submits requests until a time, and waits for the last ones. */
  run(until: number): Promise<ClientStats>
  /** Polls statuses until a time. */
  poll(until: number): Promise<ClientStats>
  close(): Promise<void>
}

export function openClients(url: string, photograph: Uint8Array, count: number): Clients {
  const threads = Array.from({ length: count }, () => {
    return new Worker(new URL('./client.ts', import.meta.url), { workerData: { url, photograph } })
  })
  async function send(task: ClientTask): Promise<ClientStats> {
    const all = await Promise.all(
      threads.map(async (thread): Promise<ClientStats> => {
        const answered = once(thread, 'message')
        thread.postMessage(task)
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
    run: until => send({ until, onlyPolls: false }),
    poll: until => send({ until, onlyPolls: true }),
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}
