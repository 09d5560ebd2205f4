import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { type InputPluginOption, type OutputChunk, type RollupOptions, rollup } from 'rollup'
import rolldownNobg from '../../src/rolldown.ts'
import rollupNobg, { type Options } from '../../src/rollup.ts'
import { testOptions } from '../support/cache-dir.ts'
import type { Project } from '../support/project.ts'

/** Rollup and Rolldown, whose options and hooks are alike as far as the tests use them. */
export const tools = {
  rollup: { bundle: rollup, nobg: rollupNobg },
  rolldown: {
    bundle: rolldown as unknown as typeof rollup,
    nobg: rolldownNobg as unknown as typeof rollupNobg,
  },
}

export type Tool = keyof typeof tools

/** The plugins with options for tests. */
export function testNobg(tool: Tool, options: Options = {}): InputPluginOption {
  return tools[tool].nobg({ ...testOptions, ...options })
}

export interface Built {
  /** Names of the emitted files, sorted. */
  names: string[]
  /** What the entry imports at run time. */
  imports: string[]
  /** The export `cat` of the entry, run in Node. */
  cat: string
  /** The file of the URL `cat`. */
  picture: Buffer
  log: string
}

/** Builds `src/main.js` of a project into `dist`. */
export async function buildProject(
  tool: Tool,
  project: Project,
  plugins: InputPluginOption = testNobg(tool),
  options: RollupOptions = {},
): Promise<Built> {
  const log: string[] = []
  const build = await tools[tool].bundle({
    input: project.path('src/main.js'),
    plugins,
    onLog: (_level, { message }) => void log.push(message),
    ...options,
  })
  const dist = project.path('dist')
  const { output } = await build.write({ dir: dist, entryFileNames: 'main.mjs' })
  await build.close()
  const { cat } = await import(`${pathToFileURL(join(dist, 'main.mjs'))}?${Math.random()}`)
  return {
    names: (await readdir(dist, { recursive: true })).sort(),
    imports: (output[0] as OutputChunk).imports,
    cat,
    picture: await readPicture(cat),
    log: log.join('\n'),
  }
}

/** Reads the file of a URL, or the data of a data URI. */
async function readPicture(url: string): Promise<Buffer> {
  return url.startsWith('data:')
    ? Buffer.from(await (await fetch(url)).arrayBuffer())
    : readFile(fileURLToPath(url))
}
