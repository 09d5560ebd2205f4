import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { BUCKETS, DESCRIPTIONS, type RunMetrics } from '../requests/run-metrics.ts'

/** Metrics of this process for Prometheus, and of the requests. */
export interface Metrics extends RunMetrics {
  /** @returns text and media type of `/metrics` */
  read(): Promise<{ text: string; contentType: string }>
}

interface MetricsSettings {
  /** @returns the numbers of waiting and running requests */
  count(): Promise<{ waiting: number; running: number }>
  /** @returns metrics of the requests of several servers, instead of those of this process */
  readShared?(): Promise<string>
}

export function createMetrics({ count, readShared }: MetricsSettings): Metrics {
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
  // Not the same names twice.
  const own = createRunMetrics(readShared ? [] : registers)
  return {
    ...own,
    async read() {
      const text = await register.metrics()
      const shared = (await readShared?.().catch(() => '')) ?? ''
      return { text: `${text}${shared}`, contentType: register.contentType }
    },
  }
}

function createRunMetrics(registers: Registry[]): RunMetrics {
  const describe = (name: keyof typeof DESCRIPTIONS) => ({ name, help: DESCRIPTIONS[name].help, registers })
  const ended = new Counter({ ...describe('nobg_requests_total'), labelNames: ['app', 'status'] })
  const wait = new Histogram({ ...describe('nobg_request_wait_seconds'), buckets: BUCKETS })
  const run = new Histogram({ ...describe('nobg_request_run_seconds'), buckets: BUCKETS })
  const stages = new Histogram({
    ...describe('nobg_stage_seconds'),
    labelNames: ['stage'],
    buckets: BUCKETS,
  })
  const pictures = new Counter({ ...describe('nobg_pictures_total'), labelNames: ['cache'] })
  return {
    noteEnd: (app, status) => ended.inc({ app, status }),
    noteRun(waitSeconds, runSeconds) {
      wait.observe(waitSeconds)
      run.observe(runSeconds)
    },
    notePicture({ total, ...timings }, cached) {
      pictures.inc({ cache: cached ? 'hit' : 'miss' })
      for (const [stage, ms] of Object.entries(timings)) stages.observe({ stage }, ms / 1000)
    },
  }
}
