import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'
import { isFile } from '../references/is-file.ts'
import { MARKED_TEXT, parseReference, stripPostfix } from '../references/reference.ts'
import type { PluginState } from './state.ts'

/** Vite's plugin that reads the assets of pages. */
const PAGE_READER = 'vite:build-html'

type Handler = (this: object, html: string, id: string, ...more: unknown[]) => unknown

/**
 * Records the marked files that Vite reads for a page: references that a plugin writes after nobg's hook, and the imports of
 * classic scripts. If Vite inlines such a file, the output contains no trace of it. Before Vite reads a file, it calls
 * `getModuleInfo` with the file's path and query.
 */
export function recordReadAssets(state: PluginState): void {
  const reader = (state.config.plugins as Plugin[]).find(({ name }) => name === PAGE_READER)
  const hook = reader?.transform
  if (!reader || !hook) return
  const handler = (typeof hook === 'function' ? hook : hook.handler) as Handler
  const recording: Handler = function (html, id, ...more) {
    return handler.call(
      observeModuleInfo(this, file => recordFile(state, file, id)),
      html,
      id,
      ...more,
    )
  }
  // Vite 5 has no filters: the hook is a function.
  const observed = typeof hook === 'function' ? recording : { ...hook, handler: recording }
  reader.transform = observed as Plugin['transform']
}

/** Wraps the context of a hook, and calls `onRequest` for each call of `getModuleInfo`. */
function observeModuleInfo(context: object, onRequest: (id: string) => void): object {
  return new Proxy(context, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...words: unknown[]) => {
        if (key === 'getModuleInfo') onRequest(String(words[0]))
        return value.apply(target, words)
      }
    },
  })
}

function recordFile(state: PluginState, file: string, page: string): void {
  const reference = parseReference(file)
  if (reference && !reference.sibling) state.unprocessed.add(`${file} in ${page}`)
}

/** Less itself reads the file of a `data-uri()`. */
const DATA_URI = /data-uri\(([^()]*)\)/g

/**
 * Finds the marked `data-uri()`s of a build's Less files, and of the Less files in the same folders, which may be imported.
 * For files of other folders Vite calls nobg's resolver.
 *
 * @param ids ids of the build's modules.
 */
export function findDataUris(ids: Iterable<string>): string[] {
  const sheets = [...ids].map(stripPostfix).filter(isSheet)
  return [...new Set(sheets.map(file => dirname(file)))].flatMap(folder =>
    readdirSync(folder)
      .map(name => join(folder, name))
      .filter(isSheet)
      .flatMap(readDataUris),
  )
}

/** An editor's lock file is a link to a file that does not exist. */
function isSheet(file: string): boolean {
  return file.endsWith('.less') && isFile(file)
}

function readDataUris(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(DATA_URI)]
    .filter(([, words]) => MARKED_TEXT.test(words))
    .map(([text]) => `${text} in ${file}`)
}
