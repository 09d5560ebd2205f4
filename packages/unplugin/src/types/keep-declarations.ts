import { resolve } from 'node:path'
import { type Logger, NobgError } from '@nobg/core'
import type { Reference } from '../references/reference.ts'
import { prepareDeclarations, writeDeclarations } from './declaration-file.ts'
import { endOf } from './declare-reference.ts'
import { findProject, type TypedProject } from './find-project.ts'

/** Keeps the declaration file of a project up to date while a plugin runs. */
export interface DeclarationKeeper {
  /** Resolves when the file is up to date for the first time; never rejects. */
  ready: Promise<void>
  /** Updates the file if a reference is new. Never rejects. */
  note(reference: Reference): Promise<void>
}

const NO_KEEPER: DeclarationKeeper = { ready: Promise.resolve(), async note() {} }

/** The last update of each file. A bundler opens a project for each of its builds, environments and workers. */
const updates = new Map<string, Promise<unknown>>()
/** The files that could not be written. */
const reported = new Set<string>()

/**
 * Starts to keep a declaration file.
 *
 * @param dts `true`, `false`, or the path of the file, relative to `root`. Default: whether the project has a tsconfig,
 *   except in Astro, whose integration declares the imports.
 * @param root absolute path of the bundler's root.
 */
export function keepDeclarations(
  dts: boolean | string | undefined,
  root: string,
  logger: Logger,
): DeclarationKeeper {
  if (dts === false) return NO_KEEPER
  const project = findProject(root)
  if (dts === undefined && (project.tsconfig === undefined || project.host.name === 'astro')) return NO_KEEPER
  const file = typeof dts === 'string' ? resolve(root, dts) : undefined
  let declared = new Set<string>()
  /** Ends that need no types, such as those in style sheets. */
  const others = new Set<string>()
  const update = async () => {
    const ends = await queueUpdate(project, file, logger)
    declared = new Set(ends)
  }
  const ready = update()
  return {
    ready,
    async note(reference) {
      const end = endOf(reference)
      await ready
      if (declared.has(end) || others.has(end)) return
      others.add(end)
      await update()
      if (declared.has(end)) others.delete(end)
    },
  }
}

/**
 * Updates a file after the updates of the same file that are queued. A failure is reported once.
 *
 * @returns the ends of the project's marked imports.
 */
function queueUpdate(project: TypedProject, file: string | undefined, logger: Logger): Promise<string[]> {
  const key = JSON.stringify([project.dir, file])
  const update = (updates.get(key) ?? Promise.resolve()).then(() =>
    writeIfOld(project, file).catch((error: Error) => {
      if (!reported.has(key)) logger.warn(explainFailure(error))
      reported.add(key)
      return []
    }),
  )
  updates.set(key, update)
  return update
}

async function writeIfOld(project: TypedProject, file: string | undefined): Promise<string[]> {
  const prepared = await prepareDeclarations(project, file)
  if (!prepared.isCurrent) await writeDeclarations(prepared)
  return prepared.ends
}

function explainFailure(error: Error): string {
  const hint = error instanceof NobgError && error.hint ? `\n  ${error.hint}` : ''
  return `nobg: The types of marked imports could not be written: ${error.message}${hint}\n  Correct the error, or set dts: false in nobg's options to write no types.`
}
