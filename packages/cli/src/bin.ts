#!/usr/bin/env node
import { run } from './index.ts'

const stop = new AbortController()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for what is under way.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}

// `nobg … | head` has heard enough: what a shell's own tools do at a broken pipe is end without a word.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  stop.abort()
})

process.exitCode = await run(process.argv.slice(2), stop.signal)
