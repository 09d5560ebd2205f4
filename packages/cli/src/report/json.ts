import { describeError } from './format.ts'
import { writeLine } from './plain.ts'
import type { Report } from './report.ts'

/** One JSON object a line on stdout: `{ type: 'picture', … }` for each picture, `{ type: 'summary', … }` at the end. */
export function createJsonReport(isQuiet: boolean): Report {
  return {
    note: isQuiet ? () => {} : writeLine,
    start() {},
    progress() {},
    finish: ({ error, ...outcome }) =>
      writeJson({ type: 'picture', ...outcome, ...(error !== undefined && { error: describeError(error) }) }),
    end: summary => writeJson({ type: 'summary', ...summary }),
  }
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
