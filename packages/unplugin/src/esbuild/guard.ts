import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { BuildResult, OnEndResult, PluginBuild } from 'esbuild'
import type { ResolvedOptions } from '../core/options.ts'
import { describeUnprocessed, findUnprocessed, type Output } from '../references/unprocessed.ts'

const HINT = `esbuild shows plugins import, import() and url(). It does not show new URL('./cat.jpg?nobg', import.meta.url), for which
an import does the same, nor the strings of image-set("./cat.jpg?nobg" 1x), which can be written image-set(url(./cat.jpg?nobg) 1x).`

/** Fails a build whose output still holds a marked reference, which would show the original photograph, silently. */
export function guardOutputs(build: PluginBuild, { unprocessed, enabled }: ResolvedOptions): void {
  if (unprocessed === 'ignore' || !enabled || !build.initialOptions.bundle) return
  // The one way to learn what was written.
  build.initialOptions.metafile = true
  const root = build.initialOptions.absWorkingDir ?? process.cwd()
  build.onEnd(async (result): Promise<OnEndResult> => {
    const names = Object.keys(result.metafile?.outputs ?? {})
    const outputs = await readOutputs(result, names, root)
    const found = findUnprocessed(outputs, new Set(names.map(name => basename(name))))
    if (found.length === 0) return {}
    const messages = [{ text: describeUnprocessed(found, HINT).replace(/^nobg: /, '') }]
    return unprocessed === 'warn' ? { warnings: messages } : { errors: messages }
  })
}

async function readOutputs({ outputFiles }: BuildResult, names: string[], root: string): Promise<Output[]> {
  const texts = names.filter(name => /\.(?:css|[cm]?js)$/.test(name))
  const outputs: Output[] = []
  // One after the other: a build may have thousands of files, and a process has 1024 descriptors.
  for (const fileName of texts) {
    const path = resolve(root, fileName)
    const kept = outputFiles?.find(file => file.path === path)
    outputs.push({ fileName, text: kept?.text ?? (await readFile(path, 'utf8')) })
  }
  return outputs
}
