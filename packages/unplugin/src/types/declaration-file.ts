import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDir, writeWhole } from '@nobg/core/internal'
import { type Declaration, declareEnds, listKnownEnds, type OwnNames } from './declare-imports.ts'
import { declareReference, endOf } from './declare-reference.ts'
import type { TypedHost, TypedProject } from './find-project.ts'
import { placeFile } from './place-file.ts'
import { type FoundImport, scanSources } from './scan-sources.ts'

/** The declaration file of a project's marked imports, as it should be. */
export interface DeclarationFile {
  /** Absolute path. */
  file: string
  text: string
  /** Whether the file on disk has this text, or is not needed and does not exist. */
  isCurrent: boolean
  /** The ends of the project's marked imports. */
  ends: string[]
}

/**
 * Prepares the declaration file of a project. Equal sources give an equal text.
 *
 * @param file absolute path of the file. Default: a folder that the project's tsconfig includes.
 * @throws {NobgError} INVALID_SOURCE if the project's tsconfig cannot be read.
 */
export async function prepareDeclarations(project: TypedProject, file?: string): Promise<DeclarationFile> {
  const imports = await scanSources(project.dir)
  const importers = [...new Set(imports.map(({ importer }) => importer))]
  const path = file ?? placeFile(project, importers)
  const text = writeText(project.host, imports)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  // Git may write line ends of Windows.
  const isCurrent = before === undefined ? imports.length === 0 : before.replaceAll('\r\n', '\n') === text
  return { file: path, text, isCurrent, ends: imports.map(({ reference }) => endOf(reference)) }
}

/** Writes a declaration file, whole or not at all. @throws {Error} the system's, with its `code` */
export async function writeDeclarations({
  file,
  text,
}: Pick<DeclarationFile, 'file' | 'text'>): Promise<void> {
  await makeDir(dirname(file))
  await writeWhole(file, text)
}

/**
 * Declares the marked imports of a project, and all that are known in advance.
 *
 * @param names the presets and models of the project.
 * @returns the text of a `.d.ts` file.
 */
export async function declareProject(dir: string, host: TypedHost, names?: OwnNames): Promise<string> {
  return declareAll(host, await scanSources(dir), names)
}

/** Of several patterns that match, TypeScript takes the first. */
function declareAll(host: TypedHost, imports: FoundImport[], names?: OwnNames): string {
  const known = listKnownEnds(host, names)
  return [declareOthers(host, imports, known), declareEnds(known)].filter(Boolean).join('\n')
}

/** Declares the imports whose ends are not known in advance: each end once, sorted. */
function declareOthers(host: TypedHost, imports: FoundImport[], known: Declaration[]): string {
  const others = imports
    .map(({ reference }) => declareReference(reference, host))
    .filter(declaration => declaration !== undefined)
    .filter(
      ([end, type]) => !known.some(([knownEnd, knownType]) => end.endsWith(knownEnd) && type === knownType),
    )
  return declareEnds([...new Map(others)].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function writeText(host: TypedHost, imports: FoundImport[]): string {
  const head = [
    '/* eslint-disable */',
    '// biome-ignore-all lint: generated',
    '// biome-ignore-all format: generated',
    '// Types of the images that this project imports with ?nobg. nobg writes this file: commit it, and do not edit it.',
    ...(host.client ? [`/// <reference types="${host.client}" />`] : []),
  ]
  const declarations = host.client
    ? declareOthers(host, imports, listKnownEnds(host))
    : declareAll(host, imports)
  return `${head.join('\n')}\n${declarations && `\n${declarations}`}`
}
