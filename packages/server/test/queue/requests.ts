import { randomUUID } from 'node:crypto'
import { canceled } from '../../src/requests/outcomes.ts'
import type { Queue } from '../../src/requests/queue.ts'
import type { CutoutRequest, Outcome, Run, Snapshot } from '../../src/requests/request.ts'

export const never = new AbortController().signal
export const echo = (request: CutoutRequest): Outcome => ({ status: 200, body: request.input })

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

export async function submit(queue: Queue, input?: unknown, more?: Partial<CutoutRequest>): Promise<string> {
  return (await queue.submit(requestOf(input, more))).id
}

export async function watchAll(queue: Queue, id: string, signal = never): Promise<Snapshot[]> {
  const seen: Snapshot[] = []
  for await (const snapshot of queue.watch(id, signal)) seen.push(snapshot)
  return seen
}

export const endOf = async (queue: Queue, id: string) => (await watchAll(queue, id)).at(-1)?.outcome

export function openGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

/** Runs that end after `letGo` or an abort; `started` resolves when the first run starts. */
export function holdRuns() {
  const started = openGate()
  const gate = openGate()
  const run: Run = async (request, { signal }) => {
    started.resolve()
    const aborted = openGate()
    signal.addEventListener('abort', () => aborted.resolve())
    await Promise.race([gate.promise, aborted.promise])
    return signal.aborted ? canceled : echo(request)
  }
  return { run, started: started.promise, letGo: gate.resolve }
}
