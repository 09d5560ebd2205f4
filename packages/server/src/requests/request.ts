/** The endpoints of fal that are spoken here. */
export const apps = ['fal-ai/birefnet', 'fal-ai/birefnet/v2'] as const

export type App = (typeof apps)[number]

/** What a client asked for. */
export interface CutoutRequest {
  /** Unguessable: it is all that a client needs to see the result. */
  id: string
  app: App
  /** The JSON body as it came; validated when the request runs. */
  input: unknown
  priority: 'normal' | 'low'
  /** Milliseconds since 1970. */
  createdAt: number
  /** When it must have started, in milliseconds since 1970. */
  startBy?: number
  /** Where the result is posted to. */
  webhookUrl?: string
  /** How long the files of the result live, in seconds. */
  fileLifeSeconds?: number
}

/** A finished request as its result endpoint answers, the same each time. */
export interface Outcome {
  /** HTTP status: 200, or that of an error. */
  status: number
  /** JSON. */
  body: unknown
  headers?: Record<string, string>
  /** Seconds inside the network, where it ran. */
  inferenceSeconds?: number
}

/** One line that a request says of itself, in fal's form. */
export interface LogLine {
  message: string
  level: 'INFO' | 'WARN' | 'ERROR'
  source: 'USER'
  /** ISO 8601 */
  timestamp: string
}

/** How far a request is. States only move forward; failed and cancelled ones are COMPLETED. */
export interface Snapshot {
  id: string
  state: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
  /** Requests ahead, while it is IN_QUEUE. */
  position: number
  /** All so far. */
  logs: readonly LogLine[]
  /** Once it is COMPLETED. */
  outcome?: Outcome
}

/** What runs a request. It never throws, but for the signal. */
export type Run = (request: CutoutRequest, context: RunContext) => Promise<Outcome>

export interface RunContext {
  signal: AbortSignal
  log(message: string, level?: LogLine['level']): void
}
