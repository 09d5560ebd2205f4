// Runs in a child process of its own, one per model: a network that exhausts the memory takes only this process with it.
import { stat } from 'node:fs/promises'
import { openSession, type SessionSettings } from '../models/session.ts'
import type { Session } from '../models/session-types.ts'
import type { Model } from '../models/table.ts'
import type { Raster } from '../shared/types.ts'
import { followParent } from './follow-parent.ts'
import { type Prediction, predictMatte } from './predict-matte.ts'
import { type Reply, replyWith } from './reply.ts'

export interface InferenceTask {
  model: Model
  /** Path of the weights. */
  path: string
  settings: SessionSettings
  /** Each uint8, [height, width, 3]: the network's input, and finer ones, ascending. */
  pictures: readonly Raster[]
}

followParent()

let session: Session | undefined
/** Which file the session was opened on: its path, size and time of change. */
let version = ''

/** Opens the session with the first job, and keeps it, unless somebody has put another file in place of the weights. */
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

/** One job of the pool. */
export default function predict(task: InferenceTask): Promise<Reply<Prediction>> {
  // The parent learns that this process has the job: if it dies now, then of it.
  process.send?.('heard')
  return replyWith(async () => {
    const session = await findSession(task)
    return predictMatte(session, task.model, task.pictures, (...passes) => process.send?.(passes))
  })
}
