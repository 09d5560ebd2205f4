import { HttpError } from './respond.ts'

/** Limits how many jobs run at once. */
export interface Slots {
  /**
   * Runs a job when a slot is free. The newest job is next: the page asks for what is in view, and cancels what no longer is.
   *
   * @throws {HttpError} 499 if `signal` has fired before the job could start: the job never runs
   */
  run<Result>(job: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < count) running += 1
    // A job that ends hands its slot over.
    else await new Promise<void>(resolve => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.pop()
    if (next) next()
    else running -= 1
  }

  return {
    async run(job, signal) {
      await enter()
      try {
        if (signal.aborted) throw new HttpError(499, 'The request was canceled.')
        return await job()
      } finally {
        leave()
      }
    },
  }
}
