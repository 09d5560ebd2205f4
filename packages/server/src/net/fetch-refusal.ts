/** Why an address was not fetched, in words that a client may read. */
export class FetchRefusal extends Error {
  override readonly name = 'FetchRefusal'
  /** fal's word for it. */
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

/** undici wraps what its lookup threw. */
export function findRefusal(error: unknown): FetchRefusal | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof FetchRefusal) return cause
  return undefined
}
