/**
 * Sends what a program says to fal's hosts to a server of ours, without a change to the program:
 *
 *     NOBG_SERVER_URL=http://127.0.0.1:3000 node --import @nobg/server/fal app.js
 *
 * fal's client keeps the `fetch` that it finds when it is imported; this has to come before.
 */
import { createFetch } from './create-fetch.ts'

globalThis.fetch = createFetch(process.env.NOBG_SERVER_URL || 'http://127.0.0.1:3000')
