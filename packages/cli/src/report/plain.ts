import { styleText } from 'node:util'
import { describeDownload, formatError, formatMs, formatPath } from './format.ts'
import { createMilestones } from './milestones.ts'
import type { PictureOutcome, Report, Summary } from './report.ts'

/** One plain line per event. */
export function createPlainReport(write: (line: string) => void = writeLine): Report {
  let total = 0
  const isMilestone = createMilestones(10)
  return {
    note: write,
    start(count) {
      total = count
    },
    progress(_, progress) {
      if (isMilestone(progress)) write(`${progress.model}: ${describeDownload(progress)}`)
    },
    finish(outcome) {
      // The end prints a single failure in full.
      if (outcome.status !== 'failed' || total > 1) write(describeOutcome(outcome))
    },
    end(summary, failures) {
      for (const line of describeFailures(failures, total)) write(line)
      if (total > 1) write(describeSummary(summary))
    },
  }
}

/** Failures only. */
export function createQuietReport(write: (line: string) => void = writeLine): Report {
  const nothing = () => {}
  let total = 0
  return {
    note: nothing,
    start(count) {
      total = count
    },
    progress: nothing,
    finish: nothing,
    end: (_, failures) => describeFailures(failures, total).forEach(write),
  }
}

/** Writes a line to stderr: stdout is for pictures and data. */
export function writeLine(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Lines that describe every failure in full. */
function describeFailures(failures: readonly PictureOutcome[], total: number): string[] {
  const blocks = failures.map(
    ({ source, error }) => `${color('red', formatPath(source))}: ${formatError(error)}`,
  )
  if (total <= 1) return blocks
  return failures.length === 0
    ? []
    : [color('red', `\n${failures.length} of ${total} failed:`), ...blocks, '']
}

/** The line of a picture, and below it a line for each finding. */
function describeOutcome(outcome: PictureOutcome): string {
  const findings = outcome.findings ?? []
  const lines = findings.map(({ code, message }) => `  ${color('yellow', `[${code}]`)} ${message}`)
  return [describeStatus(outcome), ...lines].join('\n')
}

function describeStatus({ status, file, mask, cached, ms = 0, error, ...outcome }: PictureOutcome): string {
  const source = formatPath(outcome.source)
  const files = [file ?? '', mask ?? ''].filter(Boolean).map(formatPath).join(', ')
  const arrow = files && ` → ${color('green', files)}`
  const lines = {
    written: `${source}${arrow}  ${cached ? 'from the cache' : formatMs(ms)}`,
    skipped: `${source}: exists already: ${files}`,
    planned: `${source}${arrow}`,
    failed: `${color('red', `${source}: failed`)} [${(error as { code?: string } | undefined)?.code ?? 'UNEXPECTED'}]`,
  }
  return lines[status]
}

function describeSummary({ ms, ...counts }: Summary): string {
  const words = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
  return `${words.join(', ') || 'nothing to do'} in ${formatMs(ms)}.`
}

function color(name: 'red' | 'green' | 'yellow', text: string): string {
  return styleText(name, text, { stream: process.stderr })
}
