import { resolve } from 'node:path'
import type { Logger } from '@nobg/core'
import type { Reference } from '../references/reference.ts'
import { prepareDeclarations, writeDeclarations } from './declaration-file.ts'
import { endOf } from './declare-reference.ts'
import { findProject, type TypedProject } from './find-project.ts'

/** Keeps the declaration file of a project up to date while a plugin runs. */
export interface DeclarationKeeper {
  /** Resolves when the file is up to date for the first time; never rejects. */
  ready: Promise<void>
  /** Updates the file if a reference is new. */
  note(reference: Reference): void
}

const NO_KEEPER: DeclarationKeeper = { ready: Promise.resolve(), note() {} }

/** The last update of each file. A bundler opens a project for each of its builds, environments and workers. */
const updates = new Map<string, Promise<void>>()
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
  const seen = new Set<string>()
  const update = () => queueUpdate(project, file, seen, logger)
  const ready = update()
  return {
    ready,
    note(reference) {
      const end = endOf(reference)
      if (seen.has(end)) return
      seen.add(end)
      void update()
    },
  }
}

/** Updates a file after the updates of the same file that are queued. */
function queueUpdate(
  project: TypedProject,
  file: string | undefined,
  seen: Set<string>,
  logger: Logger,
): Promise<void> {
  const key = JSON.stringify([project.dir, file])
  const update = (updates.get(key) ?? Promise.resolve()).then(async () => {
    try {
      const prepared = await prepareDeclarations(project, file)
      for (const end of prepared.ends) seen.add(end)
      if (!prepared.isCurrent) await writeDeclarations(prepared)
    } catch (error) {
      const { message } = error as Error
      if (reported.has(key)) return
      reported.add(key)
      logger.warn(
        `nobg: The types of marked imports could not be written: ${message}. Option: dts: false writes none.`,
      )
    }
  })
  updates.set(key, update)
  return update
}
