import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { copyWhole } from '../shared/copy-file.ts'
import { namePart, removeDeadParts } from '../shared/dead-parts.ts'
import { digestFile } from '../shared/hash.ts'
import { makeDir } from '../shared/make-dir.ts'
import type { Logger } from '../shared/types.ts'
import { writeWhole } from '../shared/write-whole.ts'
import { ignoreMissing } from './list-kept-mattes.ts'
import { createMatteIndex } from './matte-index.ts'
import { type KeptPlace, type KeptSubject, parsePlace, placeOf } from './place.ts'
import { listTwins, placeBelow } from './twins.ts'

export interface KeptMattesSettings {
  /** Absolute path of the folder of mattes. */
  dir: string
  /** Absolute path of the project's root: photographs below it keep their path. */
  root: string
  /** Whether nothing is written. */
  frozen: () => Promise<boolean>
  logger: Logger
}

/** Decides whether a matte file was written by nobg and not changed since. */
type IsPredicted = (bytes: Uint8Array) => Promise<boolean>

/** The mattes that a project keeps under version control. */
export interface KeptMattes {
  readonly dir: string
  /** Returns the absolute path at which the matte is written, whether or not the file exists. */
  pathOf(subject: KeptSubject): string
  /** Returns the absolute path of the matte; looks for a photograph that was moved, and moves its matte along. */
  find(subject: KeptSubject): Promise<string | undefined>
  /**
   * Writes a predicted matte. Removes mattes of earlier contents of the photograph if nobg made them, and warns of those
   * that were corrected by hand.
   *
   * @param bytes the PNG: uint8, [byteLength].
   * @returns the absolute path; `undefined` if it could not be written, which is logged
   */
  put(subject: KeptSubject, bytes: Uint8Array, isPredicted: IsPredicted): Promise<string | undefined>
  /**
   * Writes a matte that a person corrected.
   *
   * @param bytes the PNG: uint8, [byteLength].
   * @returns the absolute path
   * @throws {Error} the system's, with its `code`
   */
  write(subject: KeptSubject, bytes: Uint8Array): Promise<string>
  /** Mattes of other contents of the photograph, by the same model and resolution: absolute paths. */
  listOutdated(subject: KeptSubject): Promise<string[]>
}

/** Opens a folder of mattes. Creates nothing. */
export function openKeptMattes({ dir, root, frozen, logger }: KeptMattesSettings): KeptMattes {
  const index = createMatteIndex(dir, root)
  /** Codes of errors that were reported: a folder that cannot be written fails for each of hundreds of pictures. */
  const reported = new Set<string>()
  const folderOf = ({ folders }: KeptPlace) => join(dir, ...folders)
  const locate = (subject: KeptSubject) => {
    const path = subject.path && placeBelow(root, subject.path)
    return placeOf({ ...subject, path }, root)
  }
  const pathOf = (subject: KeptSubject) => {
    const place = locate(subject)
    return join(folderOf(place), place.fileName)
  }

  async function find(subject: KeptSubject): Promise<string | undefined> {
    const file = pathOf(subject)
    if (existsSync(file)) return file
    const found = await index.find(basename(file))
    if (found.length === 0) return undefined
    const orphan = await findOrphan(found)
    if (await frozen()) return orphan ?? found[0]
    return moveAlong(orphan ?? found[0], file)
  }

  /** Finds the matte whose photograph is gone: the moved photograph, and not a copy of it, may have a correction by hand. */
  async function findOrphan(files: readonly string[]): Promise<string | undefined> {
    for (const file of files) {
      const { photograph } = parsePlace(relative(dir, file), root) ?? {}
      if (photograph && (await listTwins(photograph, root)).length === 0) return file
    }
    return undefined
  }

  /** Moves a matte to the new path of its photograph, or copies it if the photograph was copied. */
  async function moveAlong(from: string, to: string): Promise<string> {
    const { photograph } = parsePlace(relative(dir, from), root) ?? {}
    try {
      const isCopied = !photograph || (await listTwins(photograph, root)).length > 0
      await makeDir(dirname(to))
      if (!isCopied) {
        await rename(from, to)
        await rmdir(dirname(from)).catch(() => {})
      } else await copyWhole(from, to)
      index.add(to)
      return to
    } catch (error) {
      if (existsSync(to)) return to
      logger.warn(`nobg: the matte ${from} cannot be moved to ${to}: ${(error as Error).message}`)
      return from
    }
  }

  async function listOutdated(subject: KeptSubject): Promise<string[]> {
    const place = locate(subject)
    const names = await readdir(folderOf(place)).catch(ignoreMissing)
    return names
      .filter(name => name.startsWith(place.prefix) && name !== place.fileName && name.endsWith('.png'))
      .map(name => join(folderOf(place), name))
  }

  async function write(subject: KeptSubject, bytes: Uint8Array): Promise<string> {
    const file = pathOf(subject)
    await makeDir(dirname(file))
    await writeWhole(file, bytes, { flush: true, part: namePart(dirname(file)) })
    await removeDeadParts(dirname(file))
    index.add(file)
    return file
  }

  async function put(subject: KeptSubject, bytes: Uint8Array, isPredicted: IsPredicted) {
    let file: string
    try {
      file = await write(subject, bytes)
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      if (!reported.has(code)) {
        const { path, name } = subject
        logger.warn(
          `nobg: the matte of ${path ?? name} cannot be kept in ${dir}: ${message}. Other pictures with this error are not listed.`,
        )
      }
      reported.add(code)
      return undefined
    }
    for (const old of await listOutdated(subject)) await retire(old, subject, isPredicted)
    return file
  }

  /** Whether a photograph that shares the folder, because its path differs in case only, has the content of the matte. */
  async function isOfTwin(old: string): Promise<boolean> {
    const { photograph, digest } = parsePlace(relative(dir, old), root) ?? {}
    if (!photograph || !digest) return false
    const twins = await listTwins(photograph, root)
    const digests = await Promise.all(twins.map(twin => digestFile(twin).catch(() => '')))
    return digests.some(found => found.startsWith(digest))
  }

  async function retire(old: string, { path, name }: KeptSubject, isPredicted: IsPredicted): Promise<void> {
    const bytes = await readFile(old).catch(() => undefined)
    if (!bytes || (await isOfTwin(old))) return
    if (await isPredicted(bytes)) {
      await rm(old, { force: true }).catch(error => {
        logger.warn(`nobg: the outdated matte ${old} cannot be removed: ${(error as Error).message}`)
      })
      return
    }
    logger.warn(
      `nobg: the photograph ${path ?? name} has changed. Its matte ${old} was corrected by hand for the earlier version. nobg uses a predicted matte for the new version. Correct the new matte, then delete the old file.`,
    )
  }

  return { dir, pathOf, find, put, write, listOutdated }
}
