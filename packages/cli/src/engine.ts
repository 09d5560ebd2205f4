import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemover, type Remover } from '@nobg/core'
import { type Settings, toConfig } from './settings.ts'

/** A remover that is closed, with its temporary cache, when the command ends. */
export interface OpenEngine extends AsyncDisposable {
  remover: Remover
}

/**
 * Opens core's remover. With `--no-cache` its cache is a temporary folder, which is removed at the end.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`)
 */
export async function openEngine(settings: Settings, note: (line: string) => void): Promise<OpenEngine> {
  const temporary = settings.cache === false ? await mkdtemp(join(tmpdir(), 'nobg-')) : undefined
  const config = toConfig(settings, note)
  const remover = createRemover(temporary ? { ...config, cacheDir: temporary } : config)
  return {
    remover,
    async [Symbol.asyncDispose]() {
      await remover.close()
      if (temporary) await rm(temporary, { recursive: true, force: true })
    },
  }
}
