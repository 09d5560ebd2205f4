/** The endpoints of fal that this server has. */
export const apps = ['fal-ai/birefnet', 'fal-ai/birefnet/v2'] as const

export type App = (typeof apps)[number]

/** A client's request. */
export interface CutoutRequest {
  /** Cannot be guessed: a client that knows the id can read the result. */
  id: string
  app: App
  /** The JSON body; validated when the request runs. */
  input: unknown
  priority: 'normal' | 'low'
  /** Milliseconds since 1970. */
  createdAt: number
  /** Deadline of the start, in milliseconds since 1970. */
  startBy?: number
  /** Address that the outcome is posted to. */
  webhookUrl?: string
  /** How long the files of the result are kept, in seconds. */
  fileLifeSeconds?: number
}

/** The answer of the result endpoint of a request that has ended. */
export interface Outcome {
  /** HTTP status: 200, or that of an error. */
  status: number
  /** JSON. */
  body: unknown
  headers?: Record<string, string>
  /**
   * Tokens of the files that answers contain as data URIs, by their addresses in `body`, in order. Not the data URIs: an outcome
   * is read as a whole for each status call.
   */
  inline?: Record<string, string>
  /** Seconds of inference, if the model ran. */
  inferenceSeconds?: number
}

/** A line of a request's log, in fal's form. */
export interface LogLine {
  message: string
  level: 'INFO' | 'WARN' | 'ERROR'
  source: 'USER'
  /** ISO 8601 */
  timestamp: string
}

/** The state of a request at one time. States only move forward. Failed and canceled requests are COMPLETED. */
export interface Snapshot {
  id: string
  state: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
  /** Number of requests ahead while the state is IN_QUEUE, else 0. */
  position: number
  /** All lines so far. */
  logs: readonly LogLine[]
  /** Set if the state is COMPLETED. */
  outcome?: Outcome
}

/** Runs a request. Failures are outcomes; it throws only when the signal fires. */
export type Run = (request: CutoutRequest, context: RunContext) => Promise<Outcome>

export interface RunContext {
  signal: AbortSignal
  log(message: string, level?: LogLine['level']): void
  /**
   * Lets another request run during a job that only waits, such as a fetch, and then waits for a free slot. Without it, the
   * request keeps its slot. @throws what the job throws; the reason of `signal`
   */
  yieldSlot?<Value>(job: () => Promise<Value>): Promise<Value>
}
