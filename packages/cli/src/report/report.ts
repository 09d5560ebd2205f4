import type { ExecutionProvider, Finding, Progress, RunInfo } from '@nobg/core'

/** The outcome of one picture or model. Paths are those of messages. */
export interface PictureOutcome {
  source: string
  /** `planned`: a dry run would write it. `skipped`: its files exist. */
  status: 'written' | 'skipped' | 'failed' | 'planned'
  /** The cutout, or `stdout`. */
  file?: string
  mask?: string
  /** Id of the model that was used, after substitution. */
  model?: string
  /** px */
  width?: number
  /** px */
  height?: number
  format?: string
  /** Size of the cutout file. */
  bytes?: number
  /** Set if inference ran. */
  executionProvider?: ExecutionProvider
  /** Where the matte comes from: `own`, `kept` or `predicted`. */
  matte?: RunInfo['matte']
  /** What the check of the matte found; empty if nothing. */
  findings?: readonly Finding[]
  cached?: boolean
  /** Wall time in milliseconds. */
  ms?: number
  error?: unknown
}

/** Counts of a run. */
export interface Summary {
  written: number
  skipped: number
  failed: number
  planned: number
  /** Pictures that were not processed when the run ended. */
  untried: number
  ms: number
}

/** The `type` of the JSON lines of a run. */
export type ReportSubject = 'picture' | 'model'

/** Receives the events of a run. Implementations: plain lines, live lines, JSON, quiet. */
export interface Report {
  /** A line from core: the start of a download, a substituted model. */
  note(line: string): void
  start(total: number): void
  progress(source: string, progress: Progress): void
  finish(outcome: PictureOutcome): void
  /** Called once, at the end. */
  end(summary: Summary, failures: readonly PictureOutcome[]): void
}
