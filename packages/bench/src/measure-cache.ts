import { once } from 'node:events'
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from './call-contestant.ts'
import type { CacheFigures } from './warm-cache.ts'

const pictures = 100

/** Measures a new process that reads a hundred pictures from a cache that another process filled. */
export async function measureCache(folder: string, picture: string): Promise<CacheFigures> {
  const sources = join(folder, 'sources')
  await mkdir(sources)
  const bytes = await readFile(picture)
  for (let i = 0; i < pictures; i++) {
    const path = join(sources, `${i}.jpg`)
    // A byte after the end of a JPEG changes its digest but no pixel.
    await writeFile(path, Buffer.concat([bytes, Buffer.of(i)]))
    // An old time, as sources of a build have: nobg does not store digests of files that were just written.
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
    throw new Error(`the process of the warm cache ended with ${reply}`)
  return reply as Answer
}
