import { join, resolve } from 'node:path'
import type { Compilation, Compiler, NormalModule } from 'webpack'
import type { ResolvedOptions } from '../core/options.ts'
import { isGuarded, reportUnprocessed } from '../core/report-unprocessed.ts'
import { isFile } from '../references/is-file.ts'
import { findLinksBesideModules } from '../references/links-beside-modules.ts'
import { MARKED_TEXT, stripPostfix } from '../references/reference.ts'
import { findStaticReferences } from '../references/static-references.ts'

const HINT = `nobg processes imports, new URL('./cat.jpg?nobg', import.meta.url), url() with css-loader, and <img src> with html-loader.
It does not process files that are only copied. Add the loader for this file, or import the picture: import cat from './cat.jpg?nobg',
and in JSX <img src={cat}>.`

/**
 * Reports the marked references that are left in pages, style sheets and scripts, as the option `unprocessed` says. In a
 * script a reference counts if its path names a file that is emitted, copied or served.
 */
export function guardAssets(compiler: Compiler, compilation: Compilation, options: ResolvedOptions): void {
  if (!isGuarded(options) || compiler.watchMode) return
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
    found.push(...findLinksBesideModules(outputs, () => listModules(compilation)))
    reportUnprocessed(options, [...new Set(found)], HINT, {
      warn: message => void compilation.warnings.push(new WebpackError(message)),
      fail: message => void compilation.errors.push(new WebpackError(message)),
    })
  })
}

/** Absolute paths of the modules that are files. */
function listModules({ modules }: Compilation): string[] {
  return [...modules].flatMap(module => (module as Partial<NormalModule>).resource ?? [])
}

/** Returns a test: whether a path names an emitted file, a file in the output folder, or a file in a served folder. */
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

/** The folders that the development server serves besides the output. Default: `public`. */
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
