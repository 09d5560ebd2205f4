import ora from 'ora'

/** Lines at the foot of a terminal that change in place while other output scrolls above them. */
export interface LiveLines {
  start(): void
  stop(): void
}

const REFRESH_MS = 100

/**
 * @param read the lines of the moment, asked for at every refresh.
 * @param stream nothing is ever written to one that is no terminal, nor in CI.
 */
export function createLiveLines(
  read: () => string[],
  stream: NodeJS.WriteStream = process.stderr,
): LiveLines {
  // A terminal that claims to have no columns would have ora wrap lines for ever.
  const isSilent = !stream.isTTY || !stream.columns || Boolean(process.env.CI)
  // The keyboard belongs to the host: Vite listens for its shortcuts.
  const spinner = ora({ stream, discardStdin: false, isSilent })
  let timer: NodeJS.Timeout | undefined

  function refresh(): void {
    spinner.text = read().join('\n  ')
  }

  return {
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
