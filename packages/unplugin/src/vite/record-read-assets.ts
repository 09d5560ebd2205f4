import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'
import { MARKED_TEXT, parseReference, stripPostfix } from '../references/reference.ts'
import type { PluginState } from './state.ts'

/** Vite's plugin that reads the assets of pages. */
const PAGE_READER = 'vite:build-html'

type Handler = (this: object, html: string, id: string, ...more: unknown[]) => unknown

/**
 * Notes the marked files that Vite reads for a page: what a plugin writes after our own hook, and the imports of classic
 * scripts. In the output nothing would be left to see if Vite inlines the file. Vite asks for a file's module, marker
 * included, before it reads the file.
 */
export function recordReadAssets(state: PluginState): void {
  const reader = (state.config.plugins as Plugin[]).find(({ name }) => name === PAGE_READER)
  const hook = reader?.transform
  if (!reader || !hook) return
  const handler = (typeof hook === 'function' ? hook : hook.handler) as Handler
  const noting: Handler = function (html, id, ...more) {
    return handler.call(
      spy(this, file => recordFile(state, file, id)),
      html,
      id,
      ...more,
    )
  }
  // Vite 5 has no filters: the hook is a function.
  const noted = typeof hook === 'function' ? noting : { ...hook, handler: noting }
  reader.transform = noted as Plugin['transform']
}

/** The context of a hook, whose questions for a module are told. */
function spy(context: object, onQuestion: (id: string) => void): object {
  return new Proxy(context, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...words: unknown[]) => {
        if (key === 'getModuleInfo') onQuestion(String(words[0]))
        return value.apply(target, words)
      }
    },
  })
}

function recordFile(state: PluginState, file: string, page: string): void {
  const reference = parseReference(file)
  if (reference && !reference.sibling) state.unprocessed.add(`${file} in ${page}`)
}

/** Less reads the file of a `data-uri()` itself. */
const DATA_URI = /data-uri\(([^()]*)\)/g

/**
 * Finds the marked `data-uri()`s of a build's Less files and of the Less files beside them, which they may import. In
 * files of other folders Vite has asked us for the file.
 *
 * @param ids ids of the build's modules.
 */
export function findDataUris(ids: Iterable<string>): string[] {
  const sheets = [...ids].map(stripPostfix).filter(file => file.endsWith('.less') && existsSync(file))
  return [...new Set(sheets.map(file => dirname(file)))].flatMap(folder =>
    readdirSync(folder)
      .filter(name => name.endsWith('.less'))
      .flatMap(name => readDataUris(join(folder, name))),
  )
}

function readDataUris(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(DATA_URI)]
    .filter(([, words]) => MARKED_TEXT.test(words))
    .map(([text]) => `${text} in ${file}`)
}
