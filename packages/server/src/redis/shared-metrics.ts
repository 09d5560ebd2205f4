import type { ChainableCommander, Redis } from 'ioredis'
import { BUCKETS, DESCRIPTIONS, type RunMetrics } from '../requests/run-metrics.ts'
import { prefix } from './connect.ts'

/** Metrics of the requests of all servers and workers of a Redis. */
export interface SharedMetrics extends RunMetrics {
  /** @returns samples in the text format of Prometheus */
  read(): Promise<string>
}

/** A hash: each field is the name of a sample of Prometheus, with its labels. */
const KEY = `${prefix}:metrics`

/** @param onError is called for each write that failed; nobody waits for it. */
export function createSharedMetrics(redis: Redis, onError: (error: unknown) => void): SharedMetrics {
  function write(add: (pipeline: ChainableCommander) => void): void {
    const pipeline = redis.pipeline()
    add(pipeline)
    pipeline.exec().catch(onError)
  }

  return {
    noteEnd: (app, status) =>
      write(pipeline => pipeline.hincrby(KEY, `nobg_requests_total{app="${app}",status="${status}"}`, 1)),
    noteRun: (waitSeconds, runSeconds) =>
      write(pipeline => {
        observe(pipeline, 'nobg_request_wait_seconds', '', waitSeconds)
        observe(pipeline, 'nobg_request_run_seconds', '', runSeconds)
      }),
    notePicture: ({ total, ...timings }, cached) =>
      write(pipeline => {
        pipeline.hincrby(KEY, `nobg_pictures_total{cache="${cached ? 'hit' : 'miss'}"}`, 1)
        for (const [stage, ms] of Object.entries(timings))
          observe(pipeline, 'nobg_stage_seconds', `stage="${stage}"`, ms / 1000)
      }),
    async read() {
      const samples = Object.entries(await redis.hgetall(KEY))
      const lines = Object.entries(DESCRIPTIONS).flatMap(([name, { type, help }]) => [
        `# HELP ${name} ${help} Of all servers and workers together.`,
        `# TYPE ${name} ${type}`,
        ...samples.filter(([sample]) => sample.startsWith(name)).map(sample => sample.join(' ')),
      ])
      return `${lines.join('\n')}\n`
    },
  }
}

/** Adds a value to a histogram: its buckets are cumulative. */
function observe(pipeline: ChainableCommander, name: string, label: string, value: number): void {
  const labels = label && `{${label}}`
  for (const bound of [...BUCKETS, Number.POSITIVE_INFINITY]) {
    const le = `le="${bound === Number.POSITIVE_INFINITY ? '+Inf' : bound}"`
    const sample = `${name}_bucket{${label ? `${label},${le}` : le}}`
    // A bucket without values must exist, too.
    pipeline.hincrby(KEY, sample, value <= bound ? 1 : 0)
  }
  pipeline.hincrbyfloat(KEY, `${name}_sum${labels}`, value)
  pipeline.hincrby(KEY, `${name}_count${labels}`, 1)
}
