import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Preload, preloadModels } from '../../src/jobs/preload.ts'

test('asking for missing weights starts no download', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-preload-'))
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }))
  const errors: unknown[] = []
  /** Resolves when the first download has failed. */
  const start = (onError: (error: unknown) => void) =>
    new Promise<Preload>(resolve => {
      const preload = preloadModels(['portrait'], { cacheDir, download: false }, error => {
        onError(error)
        resolve(preload)
      })
      onTestFinished(() => preload.stop())
    })
  const preload = await start(error => void errors.push(error))
  for (let count = 0; count < 50; count++) expect(preload.findTrouble()).toContain('portrait')
  // As long as another download takes to fail.
  await start(() => {})
  expect(errors).toHaveLength(1)
})
