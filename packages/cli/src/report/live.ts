import type { Progress } from '@nobg/core'
import ora from 'ora'
import { describeStage, drawBar, formatPath } from './format.ts'
import { createPlainReport } from './plain.ts'
import type { Report } from './report.ts'

/** Number of pictures whose stage is shown. */
const SHOWN = 6

/** Plain lines, and below them a progress bar with the stages of the current pictures. */
export function createLiveReport(): Report {
  const plain = createPlainReport()
  const stages = new Map<string, Progress>()
  const spinner = ora({ stream: process.stderr, discardStdin: false, isEnabled: true })
  let done = 0
  let total = 0

  function refresh(): void {
    const bar = total > 1 ? [`${drawBar(done / total)} ${done} of ${total}`] : []
    const busy = [...stages].map(([source, progress]) => `${formatPath(source)}  ${describeStage(progress)}`)
    spinner.text = cut([...bar, ...busy.slice(0, SHOWN)]).join('\n  ')
  }

  return {
    note: plain.note,
    start(count) {
      total = count
      plain.start(count)
      refresh()
      spinner.start()
    },
    progress(source, progress) {
      stages.set(source, progress)
      refresh()
    },
    finish(outcome) {
      done++
      stages.delete(outcome.source)
      refresh()
      plain.finish(outcome)
    },
    end(summary, failures) {
      spinner.stop()
      plain.end(summary, failures)
    },
  }
}

/** Shortens lines to the width of the terminal: ora cannot redraw wrapped lines in place. */
function cut(lines: string[]): string[] {
  const width = Math.max(20, (process.stderr.columns ?? 80) - 4)
  return lines.map(line => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
}
