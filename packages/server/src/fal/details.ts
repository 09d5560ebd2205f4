import type { Outcome } from '../requests/request.ts'

/** One problem of an input, in fal's form. */
export interface Detail {
  /** Where: `['body', '<field>']`. */
  loc: (string | number)[]
  msg: string
  /** fal's word for it, such as `missing` or `image_load_error`. */
  type: string
  ctx?: Record<string, unknown>
}

/** All problems of an input, as an outcome: HTTP 422. */
export function refuseInput(details: readonly Detail[]): Outcome {
  return { status: 422, body: { detail: details }, headers: { 'x-fal-retryable': 'false' } }
}

/** One problem with a field. */
export function detailOf(field: string, type: string, msg: string, ctx?: Record<string, unknown>): Detail {
  return { loc: ['body', field], msg, type, ...(ctx && { ctx }) }
}

/** An input is wrong in a way that only shows when it is used. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly details: readonly Detail[]

  constructor(...details: Detail[]) {
    super(details.map(({ msg }) => msg).join(' '))
    this.details = details
  }
}
