import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { contestants } from '../contestants.ts'
import type { BenchModel } from '../pipelines/pipeline.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('cut-with-peer.ts', import.meta.url))

/** A cutout, or why there is none. */
export type PeerCut = { bytes: Buffer } | { failure: string }

/** The cutouts of another library, in the order of the pictures. */
export interface PeerCuts {
  /** Name and version of the library. */
  title: string
  cuts: readonly PeerCut[]
}

/**
 * Left out: with the sharp that all peers share, rembg-node 2.0.2 writes an alpha of at most 1 of 255, so that its cutouts are
 * empty. Its speed can be measured, its pictures cannot be compared.
 */
const omitted = ['rembg']

/** Cuts pictures out with every other library that has the model, each in a process of its own. */
export async function cutByPeers(
  pictures: readonly string[],
  model: BenchModel,
  scratch: string,
): Promise<PeerCuts[]> {
  const all: PeerCuts[] = []
  for (const { id, title, ours, models } of contestants) {
    if (ours || omitted.includes(id) || !models.includes(model)) continue
    process.stderr.write(`${title}, ${model} …\n`)
    const folder = join(scratch, `${id}-${model}`)
    await mkdir(folder)
    await run(process.execPath, [script, id, model, folder, ...pictures])
    all.push({ title, cuts: await Promise.all(pictures.map((_, i) => readCut(join(folder, String(i))))) })
  }
  return all
}

async function readCut(name: string): Promise<PeerCut> {
  const bytes = await readFile(`${name}.png`).catch(() => undefined)
  return bytes ? { bytes } : { failure: await readFile(`${name}.txt`, 'utf8') }
}
