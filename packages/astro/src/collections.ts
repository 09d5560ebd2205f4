import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import type { AstroIntegrationLogger } from 'astro'
import { locateText, parseReference, type Reference } from 'unplugin-nobg/internal'
import type nobgVite from 'unplugin-nobg/vite'
import type { Options } from 'unplugin-nobg/vite'
import { reportUnprocessed } from './report.ts'

/** The modules through which Astro hands the entries of all collections to pages: one, or chunks of an experimental store. */
const DATA_STORE = /^\0astro:data-layer-content(?:-chunk:|$)/

type VitePlugin = ReturnType<typeof nobgVite>[number]

/** What is known of an entry: its file, from the root, and the images that it names. */
interface Entry {
  filePath: string
  assetImports: string[]
}

/**
 * The guard of content collections. Astro takes an image's extension to be all that follows the last dot, so that one
 * with a query stays plain text, in silence; only the sibling spelling gets through.
 *
 * @returns a plugin that fails the build, and logs an error in development.
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
        // Versions of Vite that know no filter ask for every module.
        if (!DATA_STORE.test(id)) return
        const lines = readEntries(code).flatMap(entry => describeQueries(entry, root))
        if (lines.length === 0) return
        const message = ['nobg: Astro takes no query in content collections:', ...lines].join('\n  ')
        if (isBuild) reportUnprocessed(options, message, logger)
        // Thrown here, it would leave the page without any entry, and without a word.
        else if (options.unprocessed !== 'ignore') logger.error(message)
      },
    },
  }
}

/** The entries with images: objects of devalue's flat arrays, in which a number stands for the value at that index. */
function readEntries(code: string): Entry[] {
  const data = /^export default\s*(JSON\.parse\(.*\)|\[.*\]|".*");?\s*$/s.exec(code)?.[1]
  if (data === undefined) return []
  const store: unknown = runInNewContext(data)
  const arrays = typeof store === 'string' ? store.split('\n').map(parseLine) : [store]
  return arrays.flatMap(values => (Array.isArray(values) ? findEntries(values) : []))
}

/** A chunk has an entry on each line; the few that begin in one chunk and end in the next are passed over. */
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

/** The spelling without a query; words beside a model need a preset. */
function spellSibling({ path, preset, query }: Reference): string {
  const spell = (name: string | undefined) => path.replace(/(?=\.\w+$)/, `.nobg${name ? `-${name}` : ''}`)
  if (query === '') return spell(preset)
  const model = /^model=([\w-]+)$/.exec(query)?.[1]
  if (model && !preset) return spell(model)
  return `${spell('hero')}, with the words in astro.config: nobg({ presets: { hero: { … } } })`
}
