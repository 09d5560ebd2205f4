import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import type { AstroIntegrationLogger } from 'astro'
import { locateText, parseReference, type Reference, report, throwMessage } from 'unplugin-nobg/internal'
import type nobgVite from 'unplugin-nobg/vite'
import type { Options } from 'unplugin-nobg/vite'

/** The modules in which Astro gives the entries of all collections to pages: one module, or the chunks of an experimental store. */
const DATA_STORE = /^\0astro:data-layer-content(?:-chunk:|$)/

type VitePlugin = ReturnType<typeof nobgVite>[number]

/** An entry: its file, relative to the root, and the images that it refers to. */
interface Entry {
  filePath: string
  assetImports: string[]
}

/**
 * Checks content collections. For Astro, an image's extension is everything after the last dot. So an image with a query
 * stays plain text without an error, and only the sibling spelling works.
 *
 * @returns a plugin that fails the build. In development the plugin logs an error.
 */
export function checkCollections(options: Options, root: URL, logger: AstroIntegrationLogger): VitePlugin {
  let isBuild: boolean
  return {
    name: 'nobg:collections',
    configResolved({ command }) {
      isBuild = command === 'build'
    },
    transform: {
      filter: { id: DATA_STORE },
      handler(code, id) {
        // Versions of Vite without filters call this for every module.
        if (!DATA_STORE.test(id)) return
        const lines = readEntries(code).flatMap(entry => describeQueries(entry, root))
        if (lines.length === 0) return
        const message = ['nobg: Expected images without a query in content collections, got:', ...lines].join(
          '\n  ',
        )
        if (isBuild) report(options, message, { warn: text => logger.warn(text), fail: throwMessage })
        // If the development server got an exception here, the page would have no entries and no error message.
        else if (options.unprocessed !== 'ignore') logger.error(message)
      },
    },
  }
}

/** The entries with images, from devalue's flat arrays: in these, a number is the index of a value. */
function readEntries(code: string): Entry[] {
  const data = /^export default\s*(JSON\.parse\(.*\)|\[.*\]|".*");?\s*$/s.exec(code)?.[1]
  if (data === undefined) return []
  const store: unknown = runInNewContext(data)
  const arrays = typeof store === 'string' ? store.split('\n').map(parseLine) : [store]
  return arrays.flatMap(values => (Array.isArray(values) ? findEntries(values) : []))
}

/** A chunk has one entry per line. An entry that is cut by the end of a chunk is skipped. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function findEntries(values: unknown[]): Entry[] {
  return values.flatMap(value => {
    const { filePath, assetImports } = Object(value) as Record<string, number>
    if (!filePath || !assetImports) return []
    const images = values[assetImports] as number[]
    return {
      filePath: values[filePath] as string,
      assetImports: images.map(index => values[index] as string),
    }
  })
}

function describeQueries({ filePath, assetImports }: Entry, root: URL): string[] {
  const file = join(fileURLToPath(root), filePath)
  return assetImports.flatMap(text => {
    const reference = parseReference(text)
    if (!reference || reference.sibling) return []
    const location = locateText(file, text)
    const place = location ? `${file}:${location.line}:${location.column + 1}` : file
    return `${place}\n    ${text}\n    Write ${spellSibling(reference)}`
  })
}

/** The spelling without a query. If the query has other words than a model, a preset is needed. */
function spellSibling({ path, preset, words }: Reference): string {
  const spell = (name: string | undefined) => path.replace(/(?=\.\w+$)/, `.nobg${name ? `-${name}` : ''}`)
  if (words.length === 0) return spell(preset)
  const [{ name, value }] = words
  if (words.length === 1 && name === 'model' && !preset && /^[\w-]+$/.test(value)) return spell(value)
  return `${spell('hero')}, and move the words of the query into a preset in astro.config: nobg({ presets: { hero: { … } } })`
}
