import type { Logger } from '@nobg/core'
import { type SharedSummary, shareSummary } from '../progress/shared-summary.ts'
import { keepDeclarations } from '../types/keep-declarations.ts'
import type { HostFields } from './check-options.ts'
import { createCutouts } from './create-cutouts.ts'
import type { Cutouts } from './cutouts.ts'
import { explainOptions } from './errors.ts'
import { type Options, type ResolvedOptions, resolveOptions } from './options.ts'

/** The options of a plugin with their defaults, and the pictures of one project. */
export interface OpenedProject {
  options: ResolvedOptions
  cutouts: Cutouts
  /** The builds that share the summary. */
  builds: SharedSummary | undefined
}

/** What differs between hosts. */
interface HostSettings {
  /** Options that only this host has. */
  hostFields?: HostFields
  /** Whether the host calls `reportDeferred` at the end of a build, and stops at the first error otherwise. */
  defersErrors?: boolean
  /** Whether the builds of a project that run at the same time log one summary. */
  sharesSummary?: boolean
}

/**
 * Opens nobg for one project, and starts to keep the declarations of its marked imports. No model is loaded.
 *
 * @param root absolute path of the project; relative paths are relative to it.
 * @throws {Error} the message names the wrong option.
 */
export function openProject(
  input: Options | undefined,
  root: string,
  logger: Logger,
  { hostFields, defersErrors, sharesSummary }: HostSettings = {},
): OpenedProject {
  try {
    const options = resolveOptions(input, process.env, hostFields)
    const builds = sharesSummary ? shareSummary(root, options.warnAboveBytes) : undefined
    const cutouts = createCutouts(options, root, logger, { defersErrors, summary: builds?.summary })
    const declarations = keepDeclarations(options.dts, root, logger)
    const plan: Cutouts['plan'] = (source, reference, site, matte) => {
      void declarations.note(reference)
      return cutouts.plan(source, reference, site, matte)
    }
    // A host may exit as soon as its build is done. The address of a picture does not wait.
    const ensure: Cutouts['ensure'] = async planned => {
      await declarations.ready
      return cutouts.ensure(planned)
    }
    return { options, cutouts: { ...cutouts, plan, ensure }, builds }
  } catch (error) {
    throw explainOptions(error)
  }
}
