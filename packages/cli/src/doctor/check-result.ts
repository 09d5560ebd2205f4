/** The result of one check. */
export interface CheckResult {
  /** A permanent name in kebab-case: `cache-folder`. */
  check: string
  /** `warn`: nobg works, with a restriction. `fail`: nobg does not work. */
  status: 'ok' | 'warn' | 'fail'
  /** One line for people. */
  text: string
  /** What to do; absent if the status is `ok`. */
  hint?: string
  /** The same facts for programs. */
  data?: Record<string, unknown>
}
