import { type FileStore, fileStore } from '@nobg/core'
import { formatBytes } from '@nobg/core/internal'
import type { Command } from 'commander'
import { addSettingFlags, findCacheDir, type Settings } from '../settings.ts'
import { checkCommandName } from '../unknown-command.ts'

interface Flags extends Settings {
  json?: boolean
}

/** `nobg cache`: counts, checks or removes the entries of the cache. */
export function addCacheCommand(program: Command): void {
  const cache = program.command('cache').description('Count, check or remove cached mattes and cutouts.')
  const add = (name: string, description: string, run: (store: FileStore) => Promise<[object, string]>) => {
    const command = cache
      .command(name, { isDefault: name === 'stats' })
      .description(description)
      .option('--json', 'A JSON object on stdout.')
      .allowExcessArguments()
      .action(async (flags: Flags) => {
        checkCommandName(cache, command.args)
        const store = fileStore({ dir: findCacheDir(flags) })
        const [data, text] = await run(store)
        const line = flags.json ? JSON.stringify({ dir: store.dir, ...data }) : `${store.dir}: ${text}`
        process.stdout.write(`${line}\n`)
      })
    addSettingFlags(command, ['cacheDir'])
  }
  add('stats', 'Count entries and bytes.', async store => {
    const stats = await store.stats()
    return [stats, `${count(stats.entries)}, ${formatBytes(stats.bytes)}`]
  })
  add('verify', 'Read every entry and remove damaged ones.', async store => {
    const found = await store.verify()
    return [found, `${count(found.entries)} read, ${found.removed} damaged and removed`]
  })
  add('clear', 'Remove every entry.', async store => {
    const { entries, bytes } = await store.stats()
    await store.clear()
    return [{ removed: entries, bytes }, `${count(entries)} removed, ${formatBytes(bytes)}`]
  })
}

function count(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`
}
