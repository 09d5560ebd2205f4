import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { NobgError } from '@nobg/core'

/** The names of `unplugin-nobg/internal` that the command line uses. */
type Plugin = Pick<
  typeof import('unplugin-nobg/internal'),
  'findProject' | 'prepareDeclarations' | 'writeDeclarations'
>

/**
 * Loads `unplugin-nobg` of a project. Its version decides what a declaration file must contain.
 *
 * @param dir absolute path of the project.
 * @throws {NobgError} INVALID_OPTION if the project has no such package.
 */
export async function loadPlugin(dir: string): Promise<Plugin> {
  return await import(pathToFileURL(resolvePlugin(dir)).href)
}

function resolvePlugin(dir: string): string {
  try {
    return createRequire(join(dir, 'importer.js')).resolve('unplugin-nobg/internal')
  } catch (cause) {
    const message = `Expected a project in which unplugin-nobg is installed, got ${dir}.`
    const hint =
      'Install the package in the project: npm i -D unplugin-nobg. In Astro, run astro sync instead.'
    throw new NobgError('INVALID_OPTION', message, { hint, cause })
  }
}
