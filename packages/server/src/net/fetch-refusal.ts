/** An address was not fetched. Clients may read the message. */
export class FetchRefusal extends Error {
  override readonly name = 'FetchRefusal'
  /** fal's name of the error. */
  readonly type: 'file_download_error' | 'file_too_large'
  readonly context?: Record<string, unknown>

  constructor(
    message: string,
    type: FetchRefusal['type'] = 'file_download_error',
    context?: Record<string, unknown>,
  ) {
    super(message)
    this.type = type
    this.context = context
  }
}

/** Finds a refusal among the causes of an error: undici wraps the errors of its lookup. */
export function findRefusal(error: unknown): FetchRefusal | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof FetchRefusal) return cause
  return undefined
}
