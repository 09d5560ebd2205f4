import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseUrlReference } from '../references/reference.ts'
import { findPublicFile } from './public-file.ts'

/** The message of Node's diagnostics channel, published before the server handles the request. */
interface RequestStart {
  request: IncomingMessage
  response: ServerResponse
}

/** The settings of the check. */
interface Settings {
  projectDir: string
  basePath: string
  /** Whether such a request gets 404. Otherwise there is only a message. */
  isError: boolean
}

/** Next loads a configuration more than once in a process. The last one counts. */
let settings: Settings | undefined
const reported = new Set<string>()

/**
 * Blocks marked URLs of files in the public folder, for every server of this process, in development and in production. The
 * response is 404 instead of the photograph, and the terminal shows the reason. The request is changed before Next reads it:
 * `has` of Next's rewrites does not match a query word without a value, and Turbopack has no plugins.
 */
export function blockPublicFiles(wanted: Settings): void {
  if (!settings) subscribe('http.server.request.start', message => blockRequest(message as RequestStart))
  settings = wanted
}

function blockRequest({ request, response }: RequestStart): void {
  if (!settings || !request.url?.includes('nobg')) return
  const { projectDir, basePath, isError } = settings
  const reference = parseUrlReference(request.url)
  // Here the sibling spelling is the name of a real file.
  if (!reference || reference.sibling) return
  const file = findPublicFile(projectDir, reference.path, basePath)
  if (!file) return
  const reason = `${request.url} names a file of the public folder, which no build step processes: ${file}`
  if (!reported.has(file)) {
    reported.add(file)
    console.error(
      `nobg: ${reason}\n  Move the image next to your sources and import it: './${reference.specifier.replace(/^.*\//, '')}'`,
    )
  }
  if (!isError) return
  response.setHeader('x-nobg', 'a file of the public folder is not processed')
  // A path that belongs to Next, so that no catch-all route of the project handles it.
  request.url = `${basePath}/_next/static/nobg-refuses${request.url.slice(basePath.length)}`
}
