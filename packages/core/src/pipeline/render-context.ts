import type { Cache } from '../cache/cache.ts'
import type { CacheEntry } from '../cache/entry.ts'
import type { KeptMattes } from '../mattes/kept-mattes.ts'
import type { ExecutionProvider, Progress, RunOptions, Timings } from '../shared/types.ts'
import type { Workers } from '../workers/pools.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'
import type { MatteCheck } from './quality.ts'
import type { WarnOfPasses } from './warn-of-passes.ts'

/** What all renderings of one remover share. */
export interface Engine {
  config: ResolvedConfig
  workers: Workers
  mattes: Cache
  /** The folder of kept mattes, if there is one. */
  kept: KeptMattes | undefined
  /** Keys under which this remover made mattes that it then kept, by the digest of the kept file. */
  keyOfKept: Map<string, string>
  warnOfPasses: WarnOfPasses
}

/** The state of rendering one plan. */
export interface RenderContext extends Engine {
  plan: Plan
  onProgress: RunOptions['onProgress']
  /** Milliseconds per stage so far. */
  timings: Omit<Timings, 'total'>
  /** The execution provider, once the model has run. */
  ran: { executionProvider?: ExecutionProvider }
  /** sha256 of the kept matte, once this rendering has written its file. */
  keptDigest?: string
  /** Whether a person has reviewed the matte: then its check has no findings. */
  isReviewed?: boolean
  /** What the check of the matte found, once the cutout is composed. */
  check?: MatteCheck
  /** The encoded mask, if it was made together with the cutout. */
  mask?: CacheEntry
}

type Stage = keyof RenderContext['timings']

/** Runs a stage and adds the time that it took to `timings`. */
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

/** Adds the time since `started` to a stage's time. */
export function addTime({ timings }: RenderContext, stage: Stage, started: number): void {
  timings[stage] = (timings[stage] ?? 0) + performance.now() - started
}

/** Reports a stage's progress to the caller. */
export function report(
  { onProgress, plan }: RenderContext,
  stage: Progress['stage'],
  done: number,
  total = 1,
): void {
  onProgress?.({ stage, done, total, model: plan.model.id })
}
