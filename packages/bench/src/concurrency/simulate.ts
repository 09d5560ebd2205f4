/** Time of one picture on one otherwise idle core, ms. */
export interface StageTimes {
  /** Decoding and scaling, before the network runs. */
  beforeMs: number
  /** One run of the network. */
  inferenceMs: number
  /** Composing and encoding. */
  afterMs: number
}

/** A machine and nobg's setting on it. */
export interface Simulation {
  cores: number
  /** Number of pictures processed at the same time. */
  concurrency: number
  /** Share of a run of the network that uses one core only, 0 to 1 (Amdahl's law). */
  serialShare: number
}

/** A picture that has an image thread. */
interface Job {
  stage: 'before' | 'inference' | 'after'
  /** Time that is left of the stage, in ms of one core. */
  leftMs: number
}

/**
 * Simulates a batch of equal pictures: each holds an image thread from decoding to encoding, one network runs at a time on
 * all cores, and all threads share the cores equally.
 *
 * @returns wall time of the batch, ms
 */
export function simulateBatch(
  times: StageTimes,
  { cores, concurrency, serialShare }: Simulation,
  count: number,
): number {
  const jobs: Job[] = []
  let waiting = count
  let wallMs = 0
  while (waiting > 0 || jobs.length > 0) {
    for (; waiting > 0 && jobs.length < concurrency; waiting--)
      jobs.push({ stage: 'before', leftMs: times.beforeMs })
    // Runs of the network wait for each other.
    const inference = jobs.find(({ stage }) => stage === 'inference')
    const running = jobs.filter(job => job.stage !== 'inference' || job === inference)
    const threads = running.length + (inference ? cores - 1 : 0)
    const share = Math.min(1, cores / threads)
    const speedOf = (job: Job) => (job === inference ? speedUp(cores * share, serialShare) : share)
    const stepMs = Math.min(...running.map(job => job.leftMs / speedOf(job)))
    wallMs += stepMs
    for (const job of running) {
      job.leftMs -= stepMs * speedOf(job)
      if (job.leftMs < 1e-6) advance(job, times)
    }
    for (let i = jobs.length - 1; i >= 0; i--) if (jobs[i].leftMs <= 0) jobs.splice(i, 1)
  }
  return wallMs
}

/** Moves a job to its next stage. After the last stage no time is left. */
function advance(job: Job, { inferenceMs, afterMs }: StageTimes): void {
  const next = job.stage === 'before' ? 'inference' : 'after'
  job.leftMs = job.stage === 'after' ? 0 : next === 'inference' ? inferenceMs : afterMs
  job.stage = next
}

/** Amdahl's law. @param cores number of cores, at least a part of one */
function speedUp(cores: number, serialShare: number): number {
  return cores <= 1 ? cores : 1 / (serialShare + (1 - serialShare) / cores)
}
