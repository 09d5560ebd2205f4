import type { Timings } from '@nobg/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CutoutRequest, Outcome } from '../requests/request.ts'

/** What this process has done and holds, in Prometheus' words. */
export interface Metrics {
  /** The text of `/metrics`, and its media type. */
  read(): Promise<{ text: string; contentType: string }>
  /** A request has ended that waited and ran for so long. */
  noteRequest(request: CutoutRequest, outcome: Outcome, waitSeconds: number, runSeconds: number): void
  /** A picture was cut out. */
  notePicture(timings: Timings, cached: boolean): void
}

/** Seconds; a picture takes from a hundredth (cached) to a minute (the heavy model on a slow processor). */
const buckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

/** @param count how many requests wait, and how many run here. */
export function createMetrics(count: () => Promise<{ waiting: number; running: number }>): Metrics {
  const register = new Registry()
  const registers = [register]
  // Memory, processor time, delay of the event loop, garbage collection.
  collectDefaultMetrics({ register })
  new Gauge({
    name: 'nobg_queue_requests',
    help: 'Requests that wait in the queue, and that run in this process.',
    labelNames: ['state'],
    registers,
    async collect() {
      for (const [state, requests] of Object.entries(await count())) this.set({ state }, requests)
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
    buckets,
    registers,
  })
  const run = new Histogram({
    name: 'nobg_request_run_seconds',
    help: 'From the start of a request to its end.',
    buckets,
    registers,
  })
  const stages = new Histogram({
    name: 'nobg_stage_seconds',
    help: 'Wall time of the stages of a picture.',
    labelNames: ['stage'],
    buckets,
    registers,
  })
  const pictures = new Counter({
    name: 'nobg_pictures_total',
    help: 'Pictures cut out, and whether they came out of the cache.',
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
