import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OnEndResult, PartialMessage, PluginBuild } from 'esbuild'
import type { PlannedCutout } from '../core/cutouts.ts'
import type { LocatedError } from '../core/errors.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import { slash } from '../references/slash.ts'
import { toMessage } from './message.ts'

/**
 * Reports the words that no plugin has read. A picture that another plugin has loaded has another length than its file.
 */
export function checkLeftOverWords(build: PluginBuild, pictures: ReadonlyMap<string, PlannedCutout>): void {
  if (!build.initialOptions.bundle) return
  // Only the metafile lists the loaded files.
  build.initialOptions.metafile = true
  const root = build.initialOptions.absWorkingDir ?? process.cwd()
  build.onEnd(({ metafile }): OnEndResult => {
    const errors: PartialMessage[] = []
    const warnings: PartialMessage[] = []
    for (const [input, { bytes }] of Object.entries(metafile?.inputs ?? {})) {
      const planned = input.includes('?') ? pictures.get(slash(resolve(root, input))) : undefined
      if (!planned || bytes !== statSync(planned.file, { throwIfNoEntry: false })?.size) continue
      try {
        reportLeftOverWords(planned, message => void warnings.push({ text: message.replace(/^nobg: /, '') }))
      } catch (error) {
        errors.push(toMessage(error as LocatedError))
      }
    }
    return { errors, warnings }
  })
}
