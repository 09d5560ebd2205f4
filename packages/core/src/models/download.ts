import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RunOptions } from '../types.ts'
import type { Model } from './table.ts'

/**
 * Streams a model's weights from one address to `path`, by way of a `.part` file beside it. Whatever is not the file
 * expected is an error, as soon as it can be known, and nothing is left behind.
 */
export async function downloadFile(url: string, path: string, model: Model, run: RunOptions): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  const response = await fetch(url, { signal: run.signal })
  try {
    if (!response.ok || !response.body)
      throw new Error(`got HTTP ${response.status} ${response.statusText}`.trim())
    await mkdir(dirname(path), { recursive: true })
    await writeFile(part, checkBytes(response.body, model, run), { signal: run.signal, flag: 'wx' })
    await rename(part, path)
  } finally {
    await response.body?.cancel().catch(() => {})
    await rm(part, { force: true })
  }
}

/** Passes the bytes on, and throws where they differ from the row in number or digest. */
async function* checkBytes(
  body: ReadableStream<Uint8Array>,
  model: Model,
  { onProgress }: RunOptions,
): AsyncGenerator<Uint8Array> {
  const { id, bytes = Number.POSITIVE_INFINITY, sha256 } = model
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of body) {
    done += chunk.byteLength
    if (done > bytes) throw new Error(`expected ${bytes} bytes, got more`)
    hash.update(chunk)
    onProgress?.({ stage: 'download', done, total: model.bytes ?? done, model: id })
    yield chunk
  }
  if (model.bytes && done !== bytes) throw new Error(`expected ${bytes} bytes, got ${done}`)
  const digest = hash.digest('hex')
  if (sha256 && digest !== sha256) throw new Error(`expected sha256 ${sha256}, got ${digest}`)
}
