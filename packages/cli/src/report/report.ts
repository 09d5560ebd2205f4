import type { ExecutionProvider, Progress } from '@nobg/core'

/** What became of one picture. Paths as they are shown. */
export interface Outcome {
  source: string
  /** `planned`: of a dry run; `skipped`: the files are there already, or, of a dry run, would be skipped. */
  status: 'written' | 'skipped' | 'failed' | 'planned'
  /** The cut-out, or `stdout`. */
  file?: string
  mask?: string
  /** Id of the model that was really used. */
  model?: string
  /** px */
  width?: number
  /** px */
  height?: number
  format?: string
  /** Size of the cut-out's file. */
  bytes?: number
  /** What ran the model, where it ran. */
  executionProvider?: ExecutionProvider
  cached?: boolean
  /** Wall time. */
  ms?: number
  error?: unknown
}

/** How a run went. */
export interface Summary {
  written: number
  skipped: number
  failed: number
  planned: number
  /** Pictures that the end of the run came before. */
  untried: number
  ms: number
}

/** What a run is about, as its JSON lines say it. */
export type Subject = 'picture' | 'model'

/** Hears all there is to tell of a run; plain lines, live lines and JSON are three of this kind. */
export interface Report {
  /** A line from core: a download to come, a model that stands in for another. */
  note(line: string): void
  start(total: number): void
  progress(source: string, progress: Progress): void
  finish(outcome: Outcome): void
  /** The last word: counts, and the failures once more. */
  end(summary: Summary, failures: readonly Outcome[]): void
}
