import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isnetPath, isnetRow } from '../isnet.ts'
import type { BenchModel, Pipeline } from './pipeline.ts'

/** Opens the compiled nobg with all other defaults: two caches on disk, a worker process, worker threads. */
export async function openNobg(
  model: BenchModel,
  refineForeground: boolean,
  memory?: 'low',
): Promise<Pipeline> {
  const { createRemover } = await importCore()
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-bench-cache-'))
  process.once('exit', () =>
    process.getBuiltinModule('node:fs').rmSync(cacheDir, { recursive: true, force: true }),
  )
  const isnet = isnetPath()
  const remover = createRemover({
    cacheDir,
    download: false,
    memory,
    // The contestants take turns, so the model must stay loaded while others run.
    idleTimeoutMs: 3_600_000,
    models: isnet ? { isnet: { ...isnetRow, path: isnet } } : {},
  })
  let visits = 0
  return {
    async cut(path) {
      const { data, timings, cached } = await remover.removeBackground(path, { model, refineForeground })
      if (cached) throw new Error('expected a computed cutout, got a cached one')
      const { total: _, ...stages } = timings
      return { bytes: data, stages }
    },
    async keep(path) {
      const { cached } = await remover.ensure(await remover.plan(path, { model, refineForeground }))
      if (cached) throw new Error('expected a computed cutout, got a cached one')
    },
    async forget(path) {
      await rm(cacheDir, { recursive: true, force: true })
      // A new time, so that the picture is hashed again. It is old enough for nobg to store the digest within one call.
      const writtenAt = new Date(Date.UTC(2020, 0, 1) + ++visits * 1000)
      await utimes(path, writtenAt, writtenAt)
    },
  }
}

/** The entry of the workspace is TypeScript, which costs 45 ms and 17 MB in each process. */
export function importCore(): Promise<typeof import('@nobg/core')> {
  return import(new URL('../../../core/dist/index.js', import.meta.url).href)
}
