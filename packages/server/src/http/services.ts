import type { Context } from 'hono'
import type { Addresses } from '../files/addresses.ts'
import type { FileStore } from '../files/file-store.ts'
import type { Queue } from '../requests/queue.ts'
import type { Outcome } from '../requests/request.ts'
import type { SigningKey } from '../webhooks/signing-key.ts'
import type { Operations } from './operation-routes.ts'

/** What the HTTP side works with. */
export interface Services {
  queue: Queue
  fileStore: FileStore
  addresses: Addresses
  signingKey: SigningKey
  operations: Operations
  settings: ServiceSettings
}

export interface ServiceSettings {
  /** Who may call; everyone where it is empty. */
  keys: readonly string[]
  /** Origins of web pages that may call. */
  allowOrigins: readonly string[]
  /** Where clients reach this server, if it was told. */
  publicUrl?: string
  /** Largest body of a call. */
  maxBodyBytes: number
  /** Largest uploaded file. */
  maxUploadBytes: number
  /** How long files live, at most. */
  fileLifeSeconds: number
}

/** A finished request's answer. */
export function answerOutcome(context: Context, id: string, { status, body, headers }: Outcome): Response {
  return context.json(body as object, status as 200, { ...headers, 'x-fal-request-id': id })
}
