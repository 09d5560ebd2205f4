import type { Outcome } from '../requests/request.ts'

/** A problem of an input, in fal's form. */
export interface Detail {
  /** Path of the field: `['body', '<field>']`. */
  loc: (string | number)[]
  msg: string
  /** fal's name of the problem, such as `missing` or `image_load_error`. */
  type: string
  ctx?: Record<string, unknown>
}

/** @returns the outcome of a wrong input: HTTP 422 with all problems */
export function refuseInput(details: readonly Detail[]): Outcome {
  return { status: 422, body: { detail: details }, headers: { 'x-fal-retryable': 'false' } }
}

/** @returns a problem of one field of the body */
export function detailOf(field: string, type: string, msg: string, ctx?: Record<string, unknown>): Detail {
  return { loc: ['body', field], msg, type, ...(ctx && { ctx }) }
}

/** An input is wrong. The request ends with {@link refuseInput}. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly details: readonly Detail[]

  constructor(...details: Detail[]) {
    super(details.map(({ msg }) => msg).join(' '))
    this.details = details
  }
}
