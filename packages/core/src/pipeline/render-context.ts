import type { Cache } from '../cache/cache.ts'
import type { CacheEntry } from '../cache/entry.ts'
import type { ExecutionProvider, Progress, RunOptions, Timings } from '../shared/types.ts'
import type { Workers } from '../workers/pools.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'

/** What rendering works with. */
export interface Engine {
  config: ResolvedConfig
  workers: Workers
  mattes: Cache
}

/** One plan on its way from pixels to files. */
export interface RenderContext extends Engine {
  plan: Plan
  onProgress: RunOptions['onProgress']
  /** What the stages took so far; filled in on the way. */
  timings: Omit<Timings, 'total'>
  /** What ran the model, once it has; filled in on the way. */
  ran: { executionProvider?: ExecutionProvider }
  /** The mask's file, where it was made together with the cutout's. */
  mask?: CacheEntry
}

type Stage = keyof RenderContext['timings']

/** Runs a stage and notes how long it took. */
export async function measure<Value>(
  context: RenderContext,
  stage: Stage,
  job: () => Promise<Value>,
): Promise<Value> {
  const started = performance.now()
  const value = await job()
  addTime(context, stage, started)
  return value
}

/** Adds the time since `started` to what a stage took. */
export function addTime({ timings }: RenderContext, stage: Stage, started: number): void {
  timings[stage] = (timings[stage] ?? 0) + performance.now() - started
}

/** Tells the caller how far a stage is. */
export function report(
  { onProgress, plan }: RenderContext,
  stage: Progress['stage'],
  done: number,
  total = 1,
): void {
  onProgress?.({ stage, done, total, model: plan.model.id })
}
