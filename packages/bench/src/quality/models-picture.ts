// `pnpm --filter @nobg/bench models-picture <photograph> <file>`: one photograph through every model whose weights are here.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { drawSheet, type Panel } from '../gallery/draw-sheet.ts'
import { listModels, openRemover } from './trials.ts'

/** px */
const WIDTH = 380

const [photograph, output] = process.argv.slice(2).map(path => resolve(process.env.INIT_CWD ?? '.', path))
const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-models-'))
const remover = openRemover(cacheDir)
try {
  const panels: Panel[] = [{ label: 'photograph', picture: await readFile(photograph), background: 'white' }]
  for (const model of await listModels()) {
    process.stderr.write(`${model} …\n`)
    const { file } = await remover.ensure(await remover.plan(photograph, { model }))
    panels.push({ label: model, picture: await readFile(file), background: 'checkerboard' })
  }
  const sheet = await drawSheet(panels, WIDTH, panels.length)
  await sheet.webp({ quality: 85 }).toFile(output)
} finally {
  await remover.close()
  await rm(cacheDir, { recursive: true, force: true })
}
