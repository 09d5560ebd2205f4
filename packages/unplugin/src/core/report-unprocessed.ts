import { describeUnprocessed } from '../references/unprocessed.ts'
import type { Options, ResolvedOptions } from './options.ts'

/** How a host shows a message. */
export interface Reporter {
  warn(message: string): void
  /** Stops the build, now or at the build's end. */
  fail(message: string): void
}

/** Whether the output of a build is checked for marked references. */
export function isGuarded({ enabled, unprocessed }: ResolvedOptions): boolean {
  return enabled && unprocessed !== 'ignore'
}

/** Reports a message as the option `unprocessed` says. The default is `error`. */
export function report({ unprocessed = 'error' }: Options, message: string, { warn, fail }: Reporter): void {
  if (unprocessed === 'warn') warn(message)
  else if (unprocessed === 'error') fail(message)
}

/**
 * Reports the marked references that are left in a build's output. A browser would load the original photographs.
 *
 * @param found one line for each reference; without any, nothing is reported.
 * @param hint what the host's plugin processes, and what to write instead.
 */
export function reportUnprocessed(
  options: Pick<Options, 'unprocessed'>,
  found: string[],
  hint: string,
  reporter: Reporter,
): void {
  if (found.length > 0) report(options, describeUnprocessed(found, hint), reporter)
}

/**
 * Stops a build with a message, without a stack, which would only show this plugin.
 *
 * @throws {Error} always
 */
export function throwMessage(message: string): never {
  throw Object.assign(new Error(message), { stack: '' })
}
