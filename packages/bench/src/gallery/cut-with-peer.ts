// A process of its own: `node cut-with-peer.ts <contestant> <model> <folder> <picture>…` writes `<folder>/<number>.png` per picture, or
// `<number>.txt` with the reason why there is none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contestants } from '../contestants.ts'
import type { BenchModel } from '../pipelines/pipeline.ts'

const [id, model, folder, ...pictures] = process.argv.slice(2)
const contestant = contestants.find(contestant => contestant.id === id)
if (!contestant) throw new Error(`expected one of ${contestants.map(({ id }) => id).join(', ')}, got ${id}`)
const pipeline = await contestant.open(model as BenchModel)
for (const [i, picture] of pictures.entries()) {
  try {
    const { bytes } = await pipeline.cut(picture)
    await writeFile(join(folder, `${i}.png`), bytes)
  } catch (error) {
    await writeFile(join(folder, `${i}.txt`), error instanceof Error ? error.message : String(error))
  }
}
process.exit()
