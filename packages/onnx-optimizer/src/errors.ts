/** Why a file could not be rewritten. The meaning of a code never changes. */
export type OnnxOptimizerErrorCode =
  /** The source, or a file with its tensors, cannot be read. */
  | 'SOURCE_UNREADABLE'
  /** The target cannot be written. */
  | 'TARGET_UNWRITABLE'

/** The error class of this package. A graph that is not changed is a result, not an error. */
export class OnnxOptimizerError extends Error {
  override readonly name = 'OnnxOptimizerError'
  readonly code: OnnxOptimizerErrorCode
  /** What the caller can do, one sentence. */
  readonly hint: string

  constructor(code: OnnxOptimizerErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.hint = hint
  }
}
