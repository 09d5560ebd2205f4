/** What a command is given beside its words. */
export interface Context {
  /** Stops the work. */
  signal: AbortSignal
  /** Sets the exit code of the program. */
  exit(code: number): void
}
