import { basename } from 'node:path'
import type { Compilation, Compiler } from 'webpack'
import type { ResolvedOptions } from '../options.ts'
import { describeUnprocessed, findUnprocessed } from '../unprocessed.ts'

const HINT = `nobg sees what the compiler resolves: imports, new URL('./cat.jpg?nobg', import.meta.url), and the url() and <img src> that
css-loader and html-loader turn into such requests. A template that no loader reads is copied as it is.`

/** Fails a build whose pages or style sheets still hold a marked reference, which would show the original photograph. */
export function guardAssets(
  compiler: Compiler,
  compilation: Compilation,
  { unprocessed, enabled }: ResolvedOptions,
): void {
  if (unprocessed === 'ignore' || !enabled || compiler.watchMode) return
  const { Compilation, WebpackError } = compiler.webpack
  const stage = Compilation.PROCESS_ASSETS_STAGE_REPORT
  compilation.hooks.processAssets.tap({ name: 'nobg', stage }, assets => {
    const names = Object.keys(assets)
    const outputs = names
      .filter(fileName => /\.(?:css|html?)$/.test(fileName))
      .map(fileName => ({ fileName, text: String(assets[fileName].source()) }))
    const found = findUnprocessed(outputs, new Set(names.map(name => basename(name))))
    if (found.length === 0) return
    const list = unprocessed === 'warn' ? compilation.warnings : compilation.errors
    list.push(new WebpackError(describeUnprocessed(found, HINT)))
  })
}
