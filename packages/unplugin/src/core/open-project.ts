import type { Logger } from '@nobg/core'
import { keepDeclarations } from '../types/keep-declarations.ts'
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
 * Opens nobg for one project, and starts to keep the declarations of its marked imports. No model is loaded.
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
    const cutouts = createCutouts(options, root, logger)
    const declarations = keepDeclarations(options.dts, root, logger)
    const plan: Cutouts['plan'] = async (source, reference, site) => {
      declarations.note(reference)
      await declarations.ready
      return cutouts.plan(source, reference, site)
    }
    return { options, cutouts: { ...cutouts, plan } }
  } catch (error) {
    throw explainOptions(error)
  }
}
