import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OnEndResult, PartialMessage, PluginBuild } from 'esbuild'
import type { LocatedError } from '../core/errors.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import type { OpenedProject } from '../core/open-project.ts'
import { slash } from '../references/slash.ts'
import { toMessage } from './message.ts'

/**
 * Reports the words that no plugin has read. A picture that another plugin has loaded has another length than its file.
 */
export function checkLeftOverWords(build: PluginBuild, { cutouts, options }: OpenedProject): void {
  if (!options.enabled || !build.initialOptions.bundle) return
  // Only the metafile lists the loaded files.
  build.initialOptions.metafile = true
  const root = build.initialOptions.absWorkingDir ?? process.cwd()
  build.onEnd(({ metafile }): OnEndResult => {
    const errors: PartialMessage[] = []
    const warnings: PartialMessage[] = []
    for (const [input, { bytes }] of Object.entries(metafile?.inputs ?? {})) {
      const planned = input.includes('?') ? cutouts.find(slash(resolve(root, input))) : undefined
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
