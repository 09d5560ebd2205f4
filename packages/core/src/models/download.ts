import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makeDir } from '../shared/make-dir.ts'
import { expectSize } from '../shared/write-whole.ts'
import { expectSpace } from './disk-space.ts'
import { type Answer, type Requester, TransferError } from './http.ts'
import type { Mirror } from './mirrors.ts'
import { emptyPart, type Part, partPath, readPart, removeParts } from './partial-download.ts'
import type { Model } from './table.ts'

/** The bytes are not those of the file. */
class WrongFile extends TransferError {}

/** A file to fetch. */
export interface Order {
  model: Model
  /** Path of the finished file. */
  path: string
  requester: Requester
  /** Receives the number of bytes so far. */
  onBytes: (done: number) => void
  signal?: AbortSignal
}

/**
 * Fetches the weights of a model from one address to `path`. The bytes go to a `.part` file next to it, which a later call
 * resumes. Size and digest are checked as the bytes arrive; a wrong file is removed, an interrupted one is kept. One caller
 * at a time.
 *
 * ETags differ between mirrors, so only the digest tells whether server and part have the same file. A resumed file with a
 * wrong digest is fetched again from the start.
 *
 * @throws {TransferError} if the address does not serve the file
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the disk has no room
 * @throws {Error} the system's, if the file cannot be written
 */
export async function downloadFile(mirror: Mirror, order: Order): Promise<void> {
  const { model, path, requester, signal } = order
  const partFile = partPath(path, model)
  await makeDir(dirname(path))
  await removeParts(path, partFile)
  const kept = await readPart(partFile, model, signal)
  await expectSpace(dirname(path), (model.bytes ?? 0) - kept.done, `for the weights of ${model.id}`)
  const isWhole = kept.done > 0 && kept.done === model.bytes
  const part = isWhole
    ? kept
    : await receive(await requester.ask(mirror, kept.done, signal), kept, partFile, order)
  try {
    checkWhole(part, model, kept.done > 0)
  } catch (error) {
    await rm(partFile, { force: true })
    throw error
  }
  await expectSize(partFile, part.done)
  await rename(partFile, path)
}

/** Appends the body to the part, or replaces the part. Bytes before an interruption are kept. */
async function receive(answer: Answer, kept: Part, partFile: string, order: Order): Promise<Part> {
  const part = answer.start > 0 ? kept : emptyPart()
  const chunks = checkChunks(answer, part, order)
  // The first bytes are checked before anything is written: the page of a captive portal must not replace a part.
  const first = await chunks.next()
  if (first.done) refuse(`expected ${order.model.bytes ?? 'some'} bytes, got 0`)
  let failure: unknown
  const rest = async function* () {
    try {
      yield first.value
      yield* chunks
    } catch (error) {
      failure = error
    }
  }
  const file = await open(partFile, answer.start > 0 ? 'r+' : 'w')
  await pipeline(rest, file.createWriteStream({ start: answer.start, flush: true }))
  if (failure instanceof WrongFile) await rm(partFile, { force: true })
  if (failure) throw failure
  return part
}

/** Yields the bytes, counts and hashes them, and throws if they cannot be those of the file. */
async function* checkChunks(
  { body, total, type, start }: Answer,
  part: Part,
  { model, onBytes }: Order,
): AsyncGenerator<Uint8Array, undefined> {
  const { bytes = Number.POSITIVE_INFINITY } = model
  let isFirst = true
  for await (const chunk of body) {
    if (isFirst) {
      if (start === 0) refuseOther(chunk, type)
      if (total !== undefined && model.bytes && total !== bytes)
        refuse(`expected ${bytes} bytes, got ${total}`)
    }
    isFirst = false
    part.done += chunk.byteLength
    if (part.done > bytes) refuse(`expected ${bytes} bytes, got more`)
    part.hash.update(chunk)
    onBytes(part.done)
    yield chunk
  }
  return undefined
}

/** Names the usual substitutes of a file. */
function refuseOther(chunk: Uint8Array, type: string): void {
  const head = Buffer.from(chunk.subarray(0, 200)).toString('latin1').trimStart()
  if (head.startsWith('version https://git-lfs'))
    refuse('expected the weights, got a Git LFS pointer to them')
  if (type.startsWith('text/html') || /^<(!doctype|html|\?xml)/i.test(head))
    refuse('expected the weights, got a web page, such as a sign-in or the error of a proxy')
}

function checkWhole({ done, hash }: Part, { bytes = done, sha256 }: Model, isJoined: boolean): void {
  if (done !== bytes) refuse(`expected ${bytes} bytes, got ${done}`)
  const digest = hash.digest('hex')
  if (!sha256 || digest === sha256) return
  throw new TransferError(`expected sha256 ${sha256}, got ${digest}`, isJoined)
}

function refuse(message: string): never {
  throw new WrongFile(message, false)
}
