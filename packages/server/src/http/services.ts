import { Readable } from 'node:stream'
import type { Context } from 'hono'
import type { Addresses } from '../files/addresses.ts'
import { openInlineBody } from '../files/inline-files.ts'
import type { TokenFileStore } from '../files/token-file-store.ts'
import type { Queue } from '../requests/queue.ts'
import type { Outcome } from '../requests/request.ts'
import type { SigningKey } from '../webhooks/signing-key.ts'
import type { Buffers } from './limit-buffers.ts'
import type { Operations } from './operation-routes.ts'

/** Everything that the routes use. */
export interface Services {
  queue: Queue
  fileStore: TokenFileStore
  /** Whether there is space for the files of results. */
  hasRoom(): boolean
  addresses: Addresses
  signingKey: SigningKey
  operations: Operations
  settings: ServiceSettings
  buffers: Buffers
  /** Whether another server has taken over the folder of this server, which must stop working then. */
  isLost(): boolean
}

export interface ServiceSettings {
  /** Accepted keys; empty if everyone may call. */
  keys: readonly string[]
  /** Origins of web pages that may call. */
  allowOrigins: readonly string[]
  /** Address at which clients reach this server, if the config has it. */
  publicUrl?: string
  /** Largest body of a call. */
  maxBodyBytes: number
  /** Largest uploaded file. */
  maxUploadBytes: number
  /** Longest time for which files are kept. */
  fileLifeSeconds: number
}

/** @returns the response for a request that has ended */
export async function sendOutcome(
  context: Context,
  { fileStore }: Pick<Services, 'fileStore'>,
  id: string,
  outcome: Outcome,
): Promise<Response> {
  const { status, body, inline, headers } = outcome
  const allHeaders = { ...headers, 'x-fal-request-id': id }
  if (!inline) return context.json(body as object, status as 200, allHeaders)
  const text = await openInlineBody(outcome, fileStore)
  if (!text) return context.json(EXPIRED_FILES, 404, allHeaders)
  const pieces = Readable.from(text.pieces, { objectMode: true, highWaterMark: 1 })
  return context.body(Readable.toWeb(pieces) as ReadableStream, status as 200, {
    ...allHeaders,
    'content-type': 'application/json',
    'content-length': String(text.size),
  })
}

const EXPIRED_FILES = { detail: 'The files of this result have expired.' }
