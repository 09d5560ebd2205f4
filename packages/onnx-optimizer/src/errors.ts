/** Why a file could not be rewritten. A code keeps its meaning for ever. */
export type OnnxOptimizerErrorCode =
  /** The source, or a file of tensors that it names, cannot be read. */
  | 'SOURCE_UNREADABLE'
  /** The target cannot be written. */
  | 'TARGET_UNWRITABLE'

/** The one error class of this package. A graph that stays as it is, is a result and not an error. */
export class OnnxOptimizerError extends Error {
  override readonly name = 'OnnxOptimizerError'
  readonly code: OnnxOptimizerErrorCode
  /** What to do next, one sentence. */
  readonly hint: string

  constructor(code: OnnxOptimizerErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.hint = hint
  }
}
