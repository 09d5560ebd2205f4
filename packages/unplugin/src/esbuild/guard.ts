import { basename, resolve } from 'node:path'
import type { BuildResult, OnEndResult, PartialMessage, PluginBuild } from 'esbuild'
import type { ResolvedOptions } from '../core/options.ts'
import { isGuarded, reportUnprocessed } from '../core/report-unprocessed.ts'
import { findLinksBesideModules } from '../references/links-beside-modules.ts'
import { readText, type Warn } from '../references/output-files.ts'
import { findUnprocessed, type Output } from '../references/unprocessed.ts'

const HINT = `nobg processes import, import(), require() and url(). esbuild does not pass the paths of new URL() and of image-set("…") to plugins. Write
import cat from './cat.jpg?nobg' instead of new URL('./cat.jpg?nobg', import.meta.url), and image-set(url(./cat.jpg?nobg) 1x) instead of
image-set("./cat.jpg?nobg" 1x). The addresses in JSX are strings: import the picture, and write <img src={cat}>.`

/** Reports the marked references that are left in the output files, as the option `unprocessed` says. */
export function guardOutputs(build: PluginBuild, options: ResolvedOptions): void {
  if (!isGuarded(options) || !build.initialOptions.bundle) return
  // Only the metafile lists the written files.
  build.initialOptions.metafile = true
  const root = build.initialOptions.absWorkingDir ?? process.cwd()
  build.onEnd(async (result): Promise<OnEndResult> => {
    const names = Object.keys(result.metafile?.outputs ?? {})
    const warnings: PartialMessage[] = []
    const errors: PartialMessage[] = []
    // esbuild puts the plugin's name before the text.
    const add = (list: PartialMessage[]) => (message: string) =>
      void list.push({ text: message.replace(/^nobg: /, '') })
    const outputs = await readOutputs(result, names, root, add(warnings))
    const found = findUnprocessed(outputs, new Set(names.map(name => basename(name))))
    found.push(...findLinksBesideModules(outputs, () => listModules(result, root)))
    reportUnprocessed(options, found, HINT, { warn: add(warnings), fail: add(errors) })
    return { warnings, errors }
  })
}

/** The modules that are files. Others have a namespace in front of the path. */
function listModules({ metafile }: BuildResult, root: string): string[] {
  return Object.keys(metafile?.inputs ?? {}).map(input => resolve(root, input))
}

async function readOutputs(
  { outputFiles }: BuildResult,
  names: string[],
  root: string,
  warn: Warn,
): Promise<Output[]> {
  const texts = names.filter(name => /\.(?:css|[cm]?js)$/.test(name))
  const outputs: Output[] = []
  // One file at a time: a build may have thousands of files, and a process may have only 1024 descriptors.
  for (const fileName of texts) {
    const path = resolve(root, fileName)
    const kept = outputFiles?.find(file => file.path === path)
    // Another plugin may have deleted the file.
    const text = kept?.text ?? (await readText(path, warn))
    if (text !== undefined) outputs.push({ fileName, text })
  }
  return outputs
}
