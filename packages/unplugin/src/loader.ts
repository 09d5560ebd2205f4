import '@nobg/core/check-node'
import { readFile } from 'node:fs/promises'
import { type Logger, NobgError } from '@nobg/core'
import type { LoaderContext } from 'webpack'
import { forCommonJs } from './core/common-js.ts'
import { explainError } from './core/errors.ts'
import { type OpenedProject, openProject } from './core/open-project.ts'
import type { Options } from './core/options.ts'
import { ensureCutout } from './core/plan-reference.ts'
import type { LoaderOptions } from './next/loader-options.ts'
import { parseReference } from './references/reference.ts'
import { slash } from './references/slash.ts'

export type { LoaderOptions } from './next/loader-options.ts'

/** The loader wants bytes. */
export const raw = true

/**
 * A loader by itself, for tools that run webpack's loaders and none of its plugins, such as Turbopack: gives the picture of
 * a photograph whose query holds the marker.
 *
 * @param photograph the file: uint8, [byteLength].
 * @returns the finished picture's file, in the format that the query asks for; the photograph where nobg is off.
 * @throws {LocatedError}
 */
export default async function loadPicture(
  this: LoaderContext<LoaderOptions>,
  photograph: Buffer,
): Promise<Buffer> {
  const source = slash(this.resourcePath)
  const reference = parseReference(source + this.resourceQuery)
  if (!reference) return photograph
  const site = { text: source.replace(/^.*\//, './') + this.resourceQuery, importer: undefined }
  const { format, identity: _, ...options } = this.getOptions()
  const { cutouts } = open(this.rootContext, options)
  const planned = await cutouts.plan(source, reference).catch(error => {
    throw explainError(error, source, site)
  })
  const asked = planned.plan?.options.outputFormat
  if (asked && format && asked !== format) throw explainError(createFormatError(format, asked), source, site)
  await ensureCutout(cutouts, planned, site)
  return planned.plan ? readFile(planned.file) : photograph
}

const commonJs = forCommonJs(loadPicture, { raw })

export { commonJs as 'module.exports' }

/** The host has read the query by a pattern of its own and chosen another file name. */
function createFormatError(expected: string, received: string): NobgError {
  return new NobgError(
    'INVALID_OPTION',
    `Expected a query that asks for ${expected}, got one that asks for ${received}.`,
    { hint: `Write the format into the query: &outputFormat=${received}` },
  )
}

/** One for each project and its options, for as long as the worker that runs the loader lives. */
const opened = new Map<string, OpenedProject>()

function open(root: string, options: Options): OpenedProject {
  const key = JSON.stringify([root, options])
  const known = opened.get(key) ?? openProject(options, root, log)
  opened.set(key, known)
  return known
}

/** What a worker writes to standard output may be its host's own protocol. */
const log: Logger = { info: line => console.error(line), warn: line => console.error(line) }
