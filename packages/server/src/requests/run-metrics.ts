import type { Timings } from '@nobg/core'

/** Receives what is known about requests: in the memory of a server, or in the Redis of several. */
export interface RunMetrics {
  /** A request has ended, after a run or while it waited. */
  noteEnd(app: string, status: number): void
  /** A run has ended. */
  noteRun(waitSeconds: number, runSeconds: number): void
  /** A cutout was made. */
  notePicture(timings: Timings, cached: boolean): void
}

/** Seconds. A picture takes from 0.01 (cached) to 60 (the heavy model on a slow processor). */
export const BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

export const DESCRIPTIONS = {
  nobg_requests_total: {
    type: 'counter',
    help: 'Requests that have ended, also while they waited, by endpoint and HTTP status of their result.',
  },
  nobg_request_wait_seconds: { type: 'histogram', help: 'From the arrival of a request to its start.' },
  nobg_request_run_seconds: { type: 'histogram', help: 'From the start of a request to its end.' },
  nobg_stage_seconds: { type: 'histogram', help: 'Wall time of the stages of a cutout.' },
  nobg_pictures_total: {
    type: 'counter',
    help: 'Pictures that were cut out, by hit or miss of the cache.',
  },
} as const
