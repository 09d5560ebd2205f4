import { Worker } from 'node:worker_threads'

// JavaScript in a string, so that it runs from source and from dist alike.
const watch = `
  const { workerData: parent } = require('node:worker_threads')
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 1000)
`

/**
 * Ignores Ctrl-C, which a terminal sends to all processes of a group: the parent decides when to end this process.
 *
 * Ends this process within a second after its parent ended. A separate thread checks, because a running network can block
 * the main thread for minutes.
 */
export function followParent(): void {
  process.on('SIGINT', () => {})
  new Worker(watch, { eval: true, workerData: process.ppid, execArgv: [] }).unref()
}
