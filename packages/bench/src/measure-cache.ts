import { once } from 'node:events'
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from './call-contestant.ts'
import type { CacheFigures } from './warm-cache.ts'

const pictures = 100

/** Puts a hundred pictures into a new cache, then lets a new process take them out of it. */
export async function measureCache(folder: string, picture: string): Promise<CacheFigures> {
  const sources = join(folder, 'sources')
  await mkdir(sources)
  const bytes = await readFile(picture)
  for (let i = 0; i < pictures; i++) {
    const path = join(sources, `${i}.jpg`)
    // What follows a JPEG's end changes its digest and no pixel.
    await writeFile(path, Buffer.concat([bytes, Buffer.of(i)]))
    // As old as the sources of a build are; nobg does not trust the clock with younger ones.
    await utimes(path, new Date(0), new Date(0))
  }
  const cacheDir = join(folder, 'cache')
  await askProcess('fill', sources, cacheDir)
  return askProcess<CacheFigures>('measure', sources, cacheDir)
}

async function askProcess<Answer>(...args: string[]): Promise<Answer> {
  const process = startProcess('warm-cache', args)
  const [reply] = await Promise.race([once(process, 'message'), once(process, 'exit')])
  if (typeof reply === 'number' && args[0] !== 'fill')
    throw new Error(`the warm cache's process ended with ${reply}`)
  return reply as Answer
}
