import type { Logger } from '@nobg/core'
import { type Cutouts, createCutouts } from './cutouts.ts'
import { explainOptions } from './errors.ts'
import { type Options, type ResolvedOptions, resolveOptions } from './options.ts'

/** A plugin's options with their defaults, and the pictures of one project. */
export interface OpenedProject {
  options: ResolvedOptions
  cutouts: Cutouts
}

/**
 * Opens nobg for one project; no model is loaded.
 *
 * @param root absolute path of the project, where relative paths start.
 * @throws {Error} naming the option that is wrong
 */
export function openProject(input: Options | undefined, root: string, logger: Logger): OpenedProject {
  try {
    const options = resolveOptions(input)
    return { options, cutouts: createCutouts(options, root, logger) }
  } catch (error) {
    throw explainOptions(error)
  }
}
