import { type Call, callContestant } from './call-contestant.ts'
import type { Work } from './choose-work.ts'
import type { Contestant } from './contestants.ts'
import { type ColdFigures, takeMedian, type WarmFigures } from './figures.ts'
import type { BenchModel } from './pipelines/pipeline.ts'
import { watchMemory } from './process-tree.ts'
import type { Sample } from './sample.ts'

/** Figures, or the reason why there are none. */
export type Measured<Figures> = Figures | { failure: string }

/**
 * Measures contestants whose model is loaded. They take turns, picture by picture, so that other load on the machine affects
 * all of them. The first turns of each are not counted: during these V8 compiles code and the allocator requests memory pages.
 * The last turn measures the event loop.
 */
export async function measureWarm(
  entrants: readonly Contestant[],
  model: BenchModel,
  pictures: ReadonlyMap<number, string>,
  { warmUps, rounds }: Pick<Work, 'warmUps' | 'rounds'>,
  onFigures: (contestant: Contestant, megapixels: number, outcome: Measured<WarmFigures>) => void,
): Promise<void> {
  const calls = new Map<Contestant, Call>(entrants.map(one => [one, callContestant(one.id, model)]))
  try {
    for (const [megapixels, picture] of pictures) {
      const samples = new Map<Contestant, Sample[]>(entrants.map(one => [one, []]))
      const failures = new Map<Contestant, string>()
      for (let round = -warmUps; round <= rounds; round++) {
        for (const [contestant, call] of calls) {
          if (failures.has(contestant)) continue
          try {
            const { sample } = await call.ask({ picture, watchLoop: round === rounds })
            if (round >= 0) samples.get(contestant)?.push(sample)
          } catch (error) {
            failures.set(contestant, (error as Error).message)
          }
        }
      }
      for (const contestant of entrants) {
        const failure = failures.get(contestant)
        const outcome = failure ? { failure } : summarize(samples.get(contestant) ?? [])
        onFigures(contestant, megapixels, outcome)
      }
    }
  } finally {
    await Promise.all([...calls.values()].map(call => call.hangUp()))
  }
}

/** Takes the least CPU time, because other load can only add to it. The last sample measured the event loop. */
function summarize(samples: readonly Sample[]): WarmFigures {
  const rounds = samples.slice(0, -1)
  const overheads = rounds.map(({ cpuMs, run }) => cpuMs - run.cpuMs)
  const least = Math.min(...overheads)
  return {
    overheadCpuMs: least,
    overheadWallMs: Math.min(...rounds.map(({ wallMs, run }) => wallMs - run.wallMs)),
    runCpuMs: Math.min(...rounds.map(({ run }) => run.cpuMs)),
    totalCpuMs: Math.min(...rounds.map(({ cpuMs }) => cpuMs)),
    growthMb: takeMedian(samples.slice(1).map(({ rssMb }, i) => rssMb - samples[i].rssMb)),
    spread: Math.max(...overheads) / least,
    delay: samples.at(-1)?.delay,
    stages: rounds[overheads.indexOf(least)].stages,
  }
}

/** Measures the first picture of new processes: imports, weights, session, picture. The files are in the page cache. */
export async function measureCold(
  contestant: Contestant,
  model: BenchModel,
  picture: string,
  times: number,
): Promise<Measured<ColdFigures>> {
  const figures: ColdFigures = {
    cpuMs: Number.POSITIVE_INFINITY,
    wallMs: Number.POSITIVE_INFINITY,
    rssMb: 0,
    pssMb: 0,
  }
  for (let time = 0; time < times; time++) {
    const started = performance.now()
    const call = callContestant(contestant.id, model)
    const memory = watchMemory(call.pid)
    try {
      const { totalCpuMs } = await call.ask({ picture, watchLoop: false })
      figures.cpuMs = Math.min(figures.cpuMs, totalCpuMs)
      figures.wallMs = Math.min(figures.wallMs, performance.now() - started)
    } catch (error) {
      return { failure: (error as Error).message }
    } finally {
      const { rssMb, pssMb } = memory.stop()
      figures.rssMb = Math.max(figures.rssMb, rssMb)
      figures.pssMb = Math.max(figures.pssMb, pssMb)
      await call.hangUp()
    }
  }
  return figures
}
