import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Compilation, Compiler } from 'webpack'
import type { ResolvedOptions } from '../core/options.ts'
import { MARKED_TEXT, stripPostfix } from '../references/reference.ts'
import { findStaticReferences } from '../references/static-references.ts'
import { describeUnprocessed } from '../references/unprocessed.ts'

const HINT = `nobg sees what the compiler resolves: imports, new URL('./cat.jpg?nobg', import.meta.url), and the url() and <img src> that
css-loader and html-loader turn into such requests. A template that no loader reads, and a file that is copied, stay as they are.`

/**
 * Fails a build whose pages, style sheets or scripts still hold a marked reference, which would show the original
 * photograph. In scripts a reference counts if its path names a file that is emitted, copied or served.
 */
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
      .filter(fileName => /\.(?:css|html?|[cm]?js)$/.test(fileName))
      .map(fileName => ({ fileName, text: String(assets[fileName].source()) }))
      .filter(({ text }) => MARKED_TEXT.test(text))
    if (outputs.length === 0) return
    const found = findStaticReferences(outputs, createLookup(compiler, names))
    if (found.length === 0) return
    const list = unprocessed === 'warn' ? compilation.warnings : compilation.errors
    list.push(new WebpackError(describeUnprocessed(found, HINT)))
  })
}

/** Whether a path is that of an emitted file, or of one in the folder of the output or in a folder that is served. */
function createLookup(compiler: Compiler, names: string[]): (path: string) => boolean {
  const emitted = new Set(names.map(stripPostfix))
  const folders = [compiler.outputPath, ...listStaticFolders(compiler)]
  const { publicPath } = compiler.options.output
  const base = typeof publicPath === 'string' ? publicPath.replace(/^\/+/, '') : ''
  return path => {
    const paths = base && path.startsWith(base) ? [path, path.slice(base.length)] : [path]
    return paths.some(one => emitted.has(one) || folders.some(folder => isFile(join(folder, one))))
  }
}

type StaticFolder = string | { directory?: string }

/** The folders that the development server serves beside the output; `public` where nothing else is said. */
function listStaticFolders({ context, options }: Compiler): string[] {
  const { devServer } = options as {
    devServer?: false | { static?: boolean | StaticFolder | StaticFolder[] }
  }
  if (!devServer || devServer.static === false) return []
  const { static: given = true } = devServer
  const entries = given === true ? [{}] : [given].flat()
  return entries.map(entry =>
    resolve(context, (typeof entry === 'string' ? entry : entry.directory) ?? 'public'),
  )
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
