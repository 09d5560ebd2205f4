import { existsSync, type FSWatcher, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** The part of a plugin context that watches. Rollup, Rolldown and Vite share it. */
interface WatchContext {
  addWatchFile(id: string): void
  meta: { watchMode?: boolean }
}

/** Starts the next build when a file is created. */
export interface CreationWatch {
  /** Watches a file: also if it does not exist. */
  add(context: WatchContext, file: string): void
  close(): void
}

/**
 * Creates a watch for builds of Rollup and Rolldown. Rolldown does not watch a file that does not exist, and a watched folder
 * includes its subfolders, which may be the output. So the folder of a missing file is watched here, and a temporary file that
 * Rolldown watches is written when the missing file is created.
 */
export function createCreationWatch(): CreationWatch {
  const folders = new Map<string, { watcher: FSWatcher; names: Set<string> }>()
  let signalDir: string | undefined
  let count = 0

  function openSignal(): string {
    signalDir ??= mkdtempSync(join(tmpdir(), 'nobg-watch-'))
    const file = join(signalDir, 'created')
    if (!existsSync(file)) writeFileSync(file, '')
    return file
  }

  function watchFolder(folder: string, signal: string): Set<string> | undefined {
    const names = new Set<string>()
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name && names.delete(name)) writeFileSync(signal, String(++count))
      })
      // The folder was removed: there is nothing to watch.
      watcher.on('error', () => {})
      folders.set(folder, { watcher, names })
      return names
    } catch {
      // The folder does not exist.
      return undefined
    }
  }

  return {
    add(context, file) {
      context.addWatchFile(file)
      if (!context.meta.watchMode || !('rolldownVersion' in context.meta) || existsSync(file)) return
      const signal = openSignal()
      context.addWatchFile(signal)
      const folder = dirname(file)
      const names = folders.get(folder)?.names ?? watchFolder(folder, signal)
      names?.add(basename(file))
    },
    close() {
      for (const { watcher } of folders.values()) watcher.close()
      folders.clear()
      if (signalDir) rmSync(signalDir, { recursive: true, force: true })
      signalDir = undefined
    },
  }
}
