import '@nobg/core/check-node'
import { readFile } from 'node:fs/promises'
import { type Logger, NobgError } from '@nobg/core'
import { field, oneOf, z } from '@nobg/core/internal'
import type { LoaderContext } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import type { PlannedCutout } from './core/cutouts.ts'
import { explainError, type LocatedError } from './core/errors.ts'
import { reportLeftOverWords } from './core/left-over-words.ts'
import { findMatteFiles } from './core/matte-files.ts'
import { type OpenedProject, openProject } from './core/open-project.ts'
import type { LoaderOptions } from './next/loader-options.ts'
import { createPlaceholder } from './next/placeholder.ts'
import { parseReference, type Reference } from './references/reference.ts'
import { slash } from './references/slash.ts'
import { watchKeptMatte, watchMatte } from './webpack/watch-matte.ts'

export type { LoaderOptions } from './next/loader-options.ts'

/** The loader gets bytes. */
export const raw = true

/**
 * A loader for tools that run webpack's loaders but no plugins, such as Turbopack. It returns the picture of a photograph
 * whose query contains the marker.
 *
 * @param photograph the file: uint8, [byteLength].
 * @returns the finished picture's file: uint8, [byteLength], in the format of the query; the photograph if nobg is off.
 * If the host has chosen a format and an expected error occurs, the error is emitted and the picture is one transparent pixel.
 * @throws {LocatedError}
 */
export default async function loadPicture(
  this: LoaderContext<LoaderOptions>,
  photograph: Buffer,
): Promise<Buffer> {
  try {
    return await makePicture(this, photograph)
  } catch (error) {
    const { format } = this.getOptions()
    const { code } = error as LocatedError
    if (!format || !code) throw error
    // If a loader throws, Turbopack first reports that it finds no picture.
    this.emitError(error as LocatedError)
    return createPlaceholder(format)
  }
}

async function makePicture(context: LoaderContext<LoaderOptions>, photograph: Buffer): Promise<Buffer> {
  const source = slash(context.resourcePath)
  const reference = parseReference(source + context.resourceQuery)
  if (!reference) return photograph
  const site = { text: source.replace(/^.*\//, './') + context.resourceQuery, importer: undefined }
  const options = context.getOptions()
  const { format } = options
  // The host chose the file name by the format of the query, which is png without a word.
  const { cutouts } = open(context.rootContext, { ...options, encodesAgain: true })
  const matte = reference.mattes?.every(({ value }) => value === 'false') ? false : undefined
  if (reference.mattes && matte === undefined) throw explainError(createMatteError(reference), source, site)
  for (const file of findMatteFiles(source, matte)) watchMatte(context, file)
  const plan = () => cutouts.plan(source, reference, site, matte)
  const make = async (planned: PlannedCutout) => {
    const asked = planned.plan?.options.outputFormat
    if (asked && format && asked !== format) throw createFormatError(format, asked)
    // Turbopack removes the query from the address.
    reportLeftOverWords(planned, message => context.emitWarning(new Error(message)))
    await cutouts.ensure(planned)
  }
  const planned = await watchKeptMatte(context, plan, make).catch(error => {
    throw explainError(error, source, site)
  })
  return planned.plan ? readFile(planned.file) : photograph
}

const commonJs = forCommonJs(loadPicture, { raw })

export { commonJs as 'module.exports' }

/** The error of `matte=./other.png`: the path starts at the importer, which Turbopack does not name. */
function createMatteError({ path }: Reference): NobgError {
  const name = path.replace(/^.*\//, '')
  const beside = name.replace(/\.[^.]*$/, '.matte.png')
  return new NobgError(
    'INVALID_OPTION',
    'Expected no word matte=<path> in the query, got one. nobg does not support this word in Turbopack.',
    {
      hint: `Put the matte beside the photograph: ${beside} beside ${name}.`,
    },
  )
}

/** The error if the host's rule has chosen the file name of another format. */
function createFormatError(expected: string, received: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected the format ${expected}, which nobg's rule for Turbopack has found in the query, got ${received}.`,
    { hint: `Write the format into the query: &outputFormat=${received}` },
  )
}

const HOST_FIELDS = { format: oneOf('png', 'webp', 'avif'), identity: field(z.string(), 'a string') }

/** The open projects, by project and options. They live as long as the worker that runs the loader. */
const opened = new Map<string, OpenedProject>()

function open(root: string, options: LoaderOptions): OpenedProject {
  const key = JSON.stringify([root, options])
  const known = opened.get(key) ?? openProject(options, root, log, { hostFields: HOST_FIELDS })
  opened.set(key, known)
  return known
}

/** What a worker writes to standard output may be its host's own protocol. */
const log: Logger = { info: line => console.error(line), warn: line => console.error(line) }
