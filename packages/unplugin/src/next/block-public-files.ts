import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseUrlReference } from '../references/reference.ts'
import { findPublicFile } from './public-file.ts'

/** What Node tells of a request before the server hears of it. */
interface RequestStart {
  request: IncomingMessage
  response: ServerResponse
}

/** What a server of Next is watched with. */
interface Refusal {
  projectDir: string
  basePath: string
  /** Whether the photograph is withheld; else it is only spoken of. */
  isError: boolean
}

/** Next loads a configuration more than once in a process; the latest one counts. */
let refusal: Refusal | undefined
const told = new Set<string>()

/**
 * Refuses marked URLs of files in the public folder to every server of this process, in development and in production:
 * they get 404 and not the photograph, and the terminal says why. Next matches `has` of rewrites with no query word
 * that has no value, and Turbopack has no plugins: so the request is changed before Next reads it.
 */
export function blockPublicFiles(wanted: Refusal): void {
  if (!refusal) subscribe('http.server.request.start', message => refuse(message as RequestStart))
  refusal = wanted
}

function refuse({ request, response }: RequestStart): void {
  if (!refusal || !request.url?.includes('nobg')) return
  const { projectDir, basePath, isError } = refusal
  const reference = parseUrlReference(request.url)
  // A sibling's name is that of a real file here.
  if (!reference || reference.sibling) return
  const file = findPublicFile(projectDir, reference.path, basePath)
  if (!file) return
  const reason = `${request.url} names a file of the public folder, which no build step sees: ${file}`
  if (!told.has(file)) {
    told.add(file)
    console.error(
      `nobg: ${reason}\n  Move the image beside your sources and import it: './${reference.specifier.replace(/^.*\//, '')}'`,
    )
  }
  if (!isError) return
  response.setHeader('x-nobg', 'a file of the public folder is not processed')
  // A path of Next's own, so that no catch-all route of the project answers.
  request.url = `${basePath}/_next/static/nobg-refuses${request.url.slice(basePath.length)}`
}
