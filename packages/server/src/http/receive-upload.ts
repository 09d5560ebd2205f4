import type { Context } from 'hono'
import type { Uploads } from '../files/uploads.ts'
import type { Content } from '../storage/content.ts'
import { readArrival } from './incoming.ts'
import type { Buffers } from './limit-buffers.ts'
import { boundLength, openBody, readLength } from './open-body.ts'

export interface UploadParts {
  uploads: Uploads
  /** Whether the storage takes files in pieces, so that none is in memory as a whole. */
  isStreamed: boolean
}

export interface UploadLimits {
  maxUploadBytes: number
  buffers: Buffers
}

/** Opens the body of an upload and stores it. To be called after the token was checked: a stranger's body is not read. */
export type ReceiveUpload = (
  context: Context,
  store: (content: Content) => Promise<Response>,
) => Promise<Response>

export function createUploadReceiver(
  { isStreamed }: UploadParts,
  { maxUploadBytes, buffers }: UploadLimits,
): ReceiveUpload {
  return (context, store) => {
    const { req } = context
    const isInPieces = isStreamed && readLength(req.raw) !== undefined
    const held = isInPieces ? 0 : boundLength(req.raw, maxUploadBytes)
    const receive = async () => store(await openBody(req.raw, maxUploadBytes))
    return buffers.hold(held, receive, readArrival(context))
  }
}
