import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Options } from '../../src/core/options.ts'

/** One cache for the tests of a file, so that each picture is made once. */
const cacheDir = mkdtempSync(join(tmpdir(), 'nobg-cache-'))
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))

/** Options for tests: enabled in Vitest, with the small model. */
export const testOptions: Options = { enabled: true, substitute: 'u2netp', cacheDir }

/** Options without weights and downloads, and the parts of the resulting error. */
export function withoutWeights(modelsDir: string): { options: Options; parts: string[] } {
  return {
    // No substitutes: a substitute of the environment must not be used.
    options: { substitute: {}, download: false, modelsDir },
    parts: [
      'portrait (',
      ' MB, MIT)',
      `${modelsDir}/portrait.onnx`,
      'https://',
      'NOBG_SUBSTITUTE=u2netp',
      '?nobg&model=u2netp',
      "the plugin option substitute: 'u2netp'",
    ],
  }
}
