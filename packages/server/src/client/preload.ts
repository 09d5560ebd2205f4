/**
 * Sends a program's requests for fal's hosts to a nobg server, without a change to the program:
 *
 *     NOBG_SERVER_URL=http://127.0.0.1:3000 node --import @nobg/server/fal app.js
 *
 * fal's client keeps the global `fetch` at the time of its import, so this module must be loaded before.
 */
import { createFetch, createRedirect } from './create-fetch.ts'
import { redirectHttps } from './redirect-https.ts'
import { refuseTls } from './refuse-tls.ts'

const url = process.env.NOBG_SERVER_URL || 'http://127.0.0.1:3000'
globalThis.fetch = createFetch(url)
redirectHttps(createRedirect(url))
refuseTls()
