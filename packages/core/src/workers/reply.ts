import { type ErrorCode, NobgError } from '../shared/errors.ts'
import { findHint } from './explain-exit.ts'

/** A worker's answer. Errors are sent as data, because they lose their class on the way. */
export type Reply<Value> =
  | { value: Value }
  | { error: { code: ErrorCode; message: string; hint?: string; cause?: string } }

/** Runs a worker's job and returns its result or error. An error that is no NobgError becomes INFERENCE_FAILED. */
export async function replyWith<Value>(job: () => Value | Promise<Value>): Promise<Reply<Value>> {
  try {
    return { value: await job() }
  } catch (error) {
    if (!(error instanceof NobgError)) {
      const message = String(error)
      return { error: { code: 'INFERENCE_FAILED', message, hint: findHint(message) } }
    }
    const cause = error.cause === undefined ? undefined : String(error.cause)
    return { error: { code: error.code, message: error.message, hint: error.hint, cause } }
  }
}

/** Returns the value of a reply. @throws {NobgError} the worker's error, with its cause as text */
export function readReply<Value>(reply: Reply<Value>): Value {
  if ('value' in reply) return reply.value
  const { code, message, ...details } = reply.error
  throw new NobgError(code, message, details)
}
