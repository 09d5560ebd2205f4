import { NobgError } from '@nobg/core'

/**
 * What Redis answers if it runs and refuses a command: to a user without rights, a wrong password, or while it takes no writes, or
 * no commands. In a script, Redis 6 puts the place in front.
 */
const REFUSAL = new RegExp(
  [
    '(?:^|: -)(?:NOPERM|NOAUTH|WRONGPASS|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|LOADING|BUSY|EXECABORT)\\b',
    "^ERR .*\\b(?:The user executing the script can't|ACL failure in script|max number of clients reached)\\b",
  ].join('|'),
)

/** Whether an error, or one of its causes, is a refusal of Redis. The operator must act; clients can try again later. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && (REFUSAL.test(error.message) || isRefusal(error.cause))
}

/** @returns a NobgError if Redis refused a command at the start, else the same error */
export function explainRefusal(error: unknown): unknown {
  if (error instanceof NobgError || !isRefusal(error)) return error
  return new NobgError('INVALID_OPTION', `redis: Redis refuses a command: ${(error as Error).message}`, {
    hint: "Give the user of Redis all commands on nobg's keys (`ACL SETUSER <user> on ~nobg:* &* +@all`), and use a Redis that takes writes.",
    cause: error,
  })
}
