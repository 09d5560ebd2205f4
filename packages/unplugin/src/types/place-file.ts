import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { createFilesMatcher, parseTsconfig } from 'get-tsconfig'
import type { TypedProject } from './find-project.ts'

/** The name of the file that declares a project's marked imports. */
const FILE_NAME = 'nobg-env.d.ts'

/** Whether a TypeScript project includes the file at a path, which may not exist. */
type Includes = (path: string) => boolean

/**
 * Chooses the place of a project's declaration file: a folder that is part of the TypeScript projects that contain the
 * importers. With project references, the `tsconfig.json` of the root contains no files.
 *
 * @param importers absolute paths of the files with marked imports.
 * @returns absolute path of the file.
 * @throws {NobgError} INVALID_SOURCE if a tsconfig cannot be read, such as one that a tool writes at its first start.
 */
export function placeFile({ dir, tsconfig }: TypedProject, importers: readonly string[]): string {
  const projects = tsconfig === undefined ? [] : readProjects(tsconfig)
  // TypeScript knows no .vue: a sibling script is in the same projects.
  const scripts = importers.map(file => file.replace(/\.(?:vue|svelte|astro)$/, '.ts'))
  const importing = projects.filter(includes => scripts.some(includes))
  const candidates = [dir, join(dir, 'src'), join(dir, 'app'), ...scripts.map(dirname)]
    .filter(folder => existsSync(folder))
    .map(folder => join(folder, FILE_NAME))
  const count = (file: string) => importing.filter(includes => includes(file)).length
  const best = Math.max(...candidates.map(count))
  const places = candidates.filter(file => count(file) === best)
  // Two files would declare the same modules.
  return places.find(file => existsSync(file)) ?? places[0] ?? join(dir, FILE_NAME)
}

/** The projects of a tsconfig and of its references. */
function readProjects(path: string, known: Set<string> = new Set()): Includes[] {
  if (known.has(path)) return []
  known.add(path)
  const config = readTsconfig(path)
  const matches = createFilesMatcher({ path, config })
  const references = (config.references ?? []).flatMap(reference => {
    const target = resolve(dirname(path), reference.path)
    return readProjects(target.endsWith('.json') ? target : join(target, 'tsconfig.json'), known)
  })
  return [file => matches(file) !== undefined, ...references]
}

function readTsconfig(path: string): ReturnType<typeof parseTsconfig> {
  try {
    return parseTsconfig(path)
  } catch (cause) {
    const message = `Expected a tsconfig that can be read, got ${path}: ${(cause as Error).message}`
    const hint =
      'If your framework writes this tsconfig, first run the command of the framework, such as svelte-kit sync or nuxt prepare.'
    throw new NobgError('INVALID_SOURCE', message, { hint, cause })
  }
}
