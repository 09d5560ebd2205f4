import { createHash } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makeDir } from '../shared/make-dir.ts'
import { expectSpace } from './disk-space.ts'
import { type Answer, type Requester, TransferError } from './http.ts'
import type { Mirror } from './mirrors.ts'
import { type Part, partPath, readPart, removeParts } from './partial-download.ts'
import type { Model } from './table.ts'

/** What comes is not the file. */
class WrongFile extends TransferError {}

/** A file to fetch. */
export interface Order {
  model: Model
  /** Where it will lie. */
  path: string
  requester: Requester
  /** Hears how many bytes have come. */
  onBytes: (done: number) => void
  signal?: AbortSignal
}

/**
 * Fetches a model's weights from one address to `path`, by way of a `.part` beside it, which is continued where an
 * earlier download was cut. What comes is compared with the row as it comes; what is not the file expected is removed,
 * what was cut is kept. One caller at a time.
 *
 * Whether server and part are of the same file is not asked (ETags differ from mirror to mirror): the digest of the
 * whole decides. A whole that was put together from two and is wrong is fetched anew, in one piece.
 *
 * @throws {TransferError} where the address does not give the file
 * @throws {NobgError} WEIGHTS_UNAVAILABLE where the disk has no room; the system's error where it cannot be written
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
  await checkSize(partFile, part.done)
  await rename(partFile, path)
}

/** A full disk may take a part of a write and report no error: the bytes that came are not the bytes on the disk. */
async function checkSize(file: string, bytes: number): Promise<void> {
  const { size } = await stat(file)
  if (size === bytes) return
  const message = `Expected ${bytes} bytes in ${file}, got ${size}: the disk may be full.`
  throw Object.assign(new Error(message), { code: 'ENOSPC' })
}

/** Writes what comes behind what is there, or in its place; what came before a cut, to the last byte. */
async function receive(answer: Answer, kept: Part, partFile: string, order: Order): Promise<Part> {
  const part = answer.start > 0 ? kept : { done: 0, hash: createHash('sha256') }
  const chunks = checkChunks(answer, part, order)
  // Nothing is written before the first bytes have been looked at: the page of a captive portal costs no part.
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

/** Passes the bytes on, counts and hashes them, and throws where they cannot be the file. */
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

/** What stands in place of a file often enough to be called by its name. */
function refuseOther(chunk: Uint8Array, type: string): void {
  const head = Buffer.from(chunk.subarray(0, 200)).toString('latin1').trimStart()
  if (head.startsWith('version https://git-lfs'))
    refuse('expected the weights, got a Git LFS pointer to them')
  if (type.startsWith('text/html') || /^<(!doctype|html|\?xml)/i.test(head))
    refuse('expected the weights, got a web page: a sign-in, perhaps, or a proxy that says no')
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
