// Runs in a child process, one per model: if a network exhausts the memory, only this process ends.
import { stat } from 'node:fs/promises'
import { openSession, type SessionSettings } from '../models/session.ts'
import type { Session } from '../models/session-types.ts'
import type { Model } from '../models/table.ts'
import { createCollector } from '../shared/collect-garbage.ts'
import type { Raster } from '../shared/types.ts'
import { followParent } from './follow-parent.ts'
import { type Prediction, predictMatte } from './predict-matte.ts'
import { type Reply, replyWith } from './reply.ts'

export interface InferenceTask {
  model: Model
  /** Path of the weights. */
  path: string
  settings: SessionSettings
  /** Each uint8, [height, width, 3], sizes ascending: the network's input, then pictures to run in tiles. */
  pictures: readonly Raster[]
}

followParent()
const collectGarbage = createCollector()

let session: Session | undefined
/** Path, size and mtime of the file that the session was opened on. */
let version = ''

/** Returns the open session. Opens one for the first job, and again if the weights file has changed. */
async function findSession({ model, path, settings }: InferenceTask): Promise<Session> {
  const { size, mtimeMs } = await stat(path)
  const current = `${path}\n${size}\n${mtimeMs}`
  if (session && version === current) return session
  await session?.release()
  session = undefined
  session = await openSession(model, path, settings)
  version = current
  return session
}

/** Predicts one matte: a job of the pool. */
export default function predict(task: InferenceTask): Promise<Reply<Prediction>> {
  // Tells the parent that the job has started: if this process ends unexpectedly now, the job is the cause.
  process.send?.('started')
  const reply = replyWith(async () => {
    const session = await findSession(task)
    return predictMatte(session, task.model, task.pictures, (...passes) => process.send?.(passes))
  })
  // Buffers of pictures would wait for V8's next collection, and other memory would be allocated between them.
  reply.finally(() => setImmediate(() => collectGarbage()))
  return reply
}
