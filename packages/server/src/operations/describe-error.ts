import { hideCredentials } from '@nobg/core/internal'

/** Longest text of a log line, and longest stack, in characters. */
const MAX_TEXT = 1000
const MAX_STACK = 4000
/** Number of causes that are described. */
const MAX_CAUSES = 3

/** What a log contains of an error. */
export interface DescribedError {
  name: string
  code?: string
  message: string
  /** The calls, with the message in front. */
  stack?: string
  cause?: DescribedError
}

/**
 * Describes an error for the log, by a list of fields that may be logged. Other fields may hold secrets and pictures: errors of
 * Redis carry the command with all its arguments.
 */
export function describeError(error: unknown, causes = MAX_CAUSES): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, message: cutText(String(error)) }
  const { name, code, message, stack, cause } = error as NodeJS.ErrnoException
  return {
    name: cutText(String(name)),
    ...(code !== undefined && { code: cutText(String(code)) }),
    message: cutText(String(message)),
    ...(stack !== undefined && { stack: cutText(String(stack), MAX_STACK) }),
    ...(cause !== undefined && causes > 0 && { cause: describeError(cause, causes - 1) }),
  }
}

/** Cuts a text for the log, and removes the user and the password of addresses in it. */
export function cutText(text: string, longest = MAX_TEXT): string {
  // The password may lie across the cut.
  const start = hideCredentials(text.slice(0, 2 * longest))
  if (text.length <= longest) return start
  return `${start.slice(0, longest)}… (${text.length} characters)`
}

/**
 * Removes the commands from an error of Redis and its causes. Node prints all fields of an error that nobody catches.
 *
 * @returns the same error
 */
export function removeCommands(error: unknown): unknown {
  const seen = new Set<unknown>()
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one)
    delete (one as { command?: unknown }).command
  }
  return error
}
