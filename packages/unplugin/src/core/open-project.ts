import type { Logger } from '@nobg/core'
import type { HostFields } from './check-options.ts'
import { type Cutouts, createCutouts } from './cutouts.ts'
import { explainOptions } from './errors.ts'
import { type Options, type ResolvedOptions, resolveOptions } from './options.ts'

/** The options of a plugin with their defaults, and the pictures of one project. */
export interface OpenedProject {
  options: ResolvedOptions
  cutouts: Cutouts
}

/**
 * Opens nobg for one project. No model is loaded.
 *
 * @param root absolute path of the project; relative paths are relative to it.
 * @param hostFields options that only this host has.
 * @throws {Error} the message names the wrong option.
 */
export function openProject(
  input: Options | undefined,
  root: string,
  logger: Logger,
  hostFields?: HostFields,
): OpenedProject {
  try {
    const options = resolveOptions(input, process.env, hostFields)
    return { options, cutouts: createCutouts(options, root, logger) }
  } catch (error) {
    throw explainOptions(error)
  }
}
