import type { Timings } from '@nobg/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CutoutRequest, Outcome } from '../requests/request.ts'

/** Metrics of this process for Prometheus. */
export interface Metrics {
  /** @returns text and media type of `/metrics` */
  read(): Promise<{ text: string; contentType: string }>
  /** Counts a request that has ended. */
  noteRequest(request: CutoutRequest, outcome: Outcome, waitSeconds: number, runSeconds: number): void
  /** Counts a cutout. */
  notePicture(timings: Timings, cached: boolean): void
}

/** Seconds. A picture takes from 0.01 (cached) to 60 (the heavy model on a slow processor). */
const BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

/** @param count returns the numbers of waiting and running requests. */
export function createMetrics(count: () => Promise<{ waiting: number; running: number }>): Metrics {
  const register = new Registry()
  const registers = [register]
  // Memory, CPU time, delay of the event loop, garbage collection.
  collectDefaultMetrics({ register })
  new Gauge({
    name: 'nobg_queue_requests',
    help: 'Requests that wait in the queue or run, by state. Missing while Redis does not answer.',
    labelNames: ['state'],
    registers,
    async collect() {
      // No number is better than an old one, and the other metrics are needed most while Redis is away.
      this.reset()
      const counts = await count().catch(() => ({}))
      for (const [state, requests] of Object.entries(counts)) this.set({ state }, requests)
    },
  })
  const ended = new Counter({
    name: 'nobg_requests_total',
    help: 'Requests that have ended, by endpoint and HTTP status of their result.',
    labelNames: ['app', 'status'],
    registers,
  })
  const wait = new Histogram({
    name: 'nobg_request_wait_seconds',
    help: 'From the arrival of a request to its start.',
    buckets: BUCKETS,
    registers,
  })
  const run = new Histogram({
    name: 'nobg_request_run_seconds',
    help: 'From the start of a request to its end.',
    buckets: BUCKETS,
    registers,
  })
  const stages = new Histogram({
    name: 'nobg_stage_seconds',
    help: 'Wall time of the stages of a cutout.',
    labelNames: ['stage'],
    buckets: BUCKETS,
    registers,
  })
  const pictures = new Counter({
    name: 'nobg_pictures_total',
    help: 'Pictures that were cut out, by hit or miss of the cache.',
    labelNames: ['cache'],
    registers,
  })
  return {
    read: async () => ({ text: await register.metrics(), contentType: register.contentType }),
    noteRequest({ app }, { status }, waitSeconds, runSeconds) {
      ended.inc({ app, status })
      wait.observe(waitSeconds)
      run.observe(runSeconds)
    },
    notePicture({ total, ...timings }, cached) {
      pictures.inc({ cache: cached ? 'hit' : 'miss' })
      for (const [stage, ms] of Object.entries(timings)) stages.observe({ stage }, ms / 1000)
    },
  }
}
