#!/usr/bin/env node
const { bun, deno, node } = process.versions
const [major, minor] = node.split('.').map(Number)
const other = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : undefined

if (other || major < 22 || (major === 22 && minor < 19)) {
  const action = other ? 'run it with Node: npx nobg' : 'install a newer Node'
  console.error(`nobg: Expected Node 22.19 or newer, got ${other ?? `Node ${node}`}: ${action}.`)
  process.exit(1)
}

// Imported after the check: an older Node or another runtime would fail at the import with an unrelated message.
const { run } = await import('./run.ts')
const { formatError } = await import('./report/format.ts')

// Node prints all fields of such an error: those of Redis hold passwords and pictures.
process.on('uncaughtException', error => {
  console.error(`nobg: ${formatError(error)}`)
  process.exit(1)
})

const stop = new AbortController()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second signal ends the process without waiting.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}

/** A service goes on if its log cannot be written: the disk may be full for a while. */
const isService = ['serve', 'worker'].includes(process.argv[2])
let isBroken = false

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (isService) return
    // `nobg … | head` closes the pipe early: end without a message, as the tools of a shell do.
    if (error.code !== 'EPIPE' && !isBroken) console.error(`nobg: stdout: ${error.message}`)
    isBroken = true
    // The stream may fail after the command has returned.
    process.exitCode = 1
    stop.abort()
  })
}

const code = await run(process.argv.slice(2), stop.signal)
process.exitCode ??= code
