import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from '../shared/write-whole.ts'
import type { CacheEntry } from './entry.ts'

/** A temporary folder for files that the cache failed to write. */
export interface RescueFolder {
  /** Writes an entry as a file, unless that was done before. Returns its absolute path. */
  place(key: string, entry: CacheEntry): Promise<string>
  /** Removes the folder and its files. A later `place` creates a new folder. */
  remove(): Promise<void>
}

/** Creates no folder yet. The folder is removed by `remove`, or when the process ends, also by a signal. */
export function createRescueFolder(): RescueFolder {
  let folder: Promise<string> | undefined
  let forget: (() => void) | undefined

  async function make(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'nobg-'))
    forget = runAtExit(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  return {
    async place(key, { fileName, bytes }) {
      folder ??= make()
      const dir = join(await folder, key)
      const path = join(dir, fileName)
      if (await stat(path).catch(() => undefined)) return path
      await mkdir(dir, { recursive: true })
      await writeWhole(path, bytes)
      return path
    },
    async remove() {
      const made = folder
      folder = undefined
      if (!made) return
      await rm(await made, { recursive: true, force: true })
      forget?.()
    },
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a job when the process ends, also by a signal. @returns a function that cancels this */
function runAtExit(job: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    job()
    const isAlone = process.listenerCount(signal) === 1
    callOff()
    // If there are other listeners, they decide how the process ends.
    if (isAlone) process.kill(process.pid, signal)
  }
  const callOff = () => {
    process.off('exit', job)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on('exit', job)
  for (const signal of signals) process.on(signal, onSignal)
  return callOff
}
