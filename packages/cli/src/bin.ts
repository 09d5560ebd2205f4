#!/usr/bin/env node
const { bun, deno, node } = process.versions
const [major, minor] = node.split('.').map(Number)
const other = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : undefined

if (other || major < 22 || (major === 22 && minor < 19)) {
  const action = other ? 'run it with Node: npx nobg' : 'install a newer Node'
  console.error(`nobg: Expected Node 22.19 or newer, got ${other ?? `Node ${node}`}: ${action}.`)
  process.exit(1)
}

// Only now: an older Node, or another runtime, would stop at the first import with a line about something else.
const { run } = await import('./run.ts')

const stop = new AbortController()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for what is under way.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}

let isBroken = false

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `nobg … | head` has heard enough: what a shell's own tools do at a broken pipe is end without a word.
    if (error.code !== 'EPIPE' && !isBroken) console.error(`nobg: stdout: ${error.message}`)
    isBroken = true
    // The last line may break when all else is done.
    process.exitCode = 1
    stop.abort()
  })
}

const code = await run(process.argv.slice(2), stop.signal)
process.exitCode ??= code
