/** What a command gets in addition to its arguments. */
export interface Context {
  /** Stops the command. */
  signal: AbortSignal
  /** Sets the exit code of the program. */
  exit(code: number): void
}
