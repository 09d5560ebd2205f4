import ora from 'ora'

/** Lines at the bottom of a terminal that change in place while other output scrolls above them. */
export interface LiveLines {
  /** Whether nothing is written. */
  isSilent: boolean
  start(): void
  stop(): void
}

const REFRESH_MS = 100

/**
 * @param read returns the current lines; called at every refresh.
 * @param stream nothing is written if the stream is no terminal, or in CI.
 */
export function createLiveLines(
  read: () => string[],
  stream: NodeJS.WriteStream = process.stderr,
): LiveLines {
  // With zero columns, ora would wrap lines without end.
  const isSilent = !stream.isTTY || !stream.columns || Boolean(process.env.CI)
  // Vite reads its keyboard shortcuts from stdin.
  const spinner = ora({ stream, discardStdin: false, isSilent })
  let timer: NodeJS.Timeout | undefined

  function refresh(): void {
    spinner.text = read().join('\n  ')
  }

  return {
    isSilent,
    start() {
      if (timer || spinner.isSilent) return
      refresh()
      spinner.start()
      timer = setInterval(refresh, REFRESH_MS)
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      spinner.stop()
    },
  }
}
