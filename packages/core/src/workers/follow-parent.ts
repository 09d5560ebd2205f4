import { Worker } from 'node:worker_threads'

// Plain JavaScript as a string: it runs the same from source and from dist.
const watch = `
  const { workerData: parent } = require('node:worker_threads')
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 1000)
`

/**
 * Ends this process within a second of its parent's death. A running network blocks the main thread, which would
 * therefore learn of it only minutes and gigabytes later; so a thread of its own looks.
 */
export function followParent(): void {
  new Worker(watch, { eval: true, workerData: process.ppid, execArgv: [] }).unref()
}
