// Runs in a child process of its own, one per model: a network that exhausts the memory takes only this process with it.
import { stat } from 'node:fs/promises'
import { readMatte } from '../matting/matte.ts'
import { createInputTensor } from '../matting/tensor.ts'
import type { Provided } from '../models/providers.ts'
import { openSession, type Session, type SessionSettings } from '../models/session.ts'
import type { Model } from '../models/table.ts'
import type { Matte, Raster } from '../types.ts'
import { followParent } from './follow-parent.ts'
import { type Reply, replyWith } from './reply.ts'

export interface InferenceTask {
  model: Model
  /** Path of the weights. */
  path: string
  settings: SessionSettings
  /** The picture at the operating resolution: uint8, [height, width, 3]. */
  picture: Raster
}

export interface Prediction extends Provided {
  /** At the operating resolution. */
  matte: Matte
  /** Wall time inside `InferenceSession.run`. */
  inferenceMs: number
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
    const { model, picture } = task
    const session = await findSession(task)
    const input = createInputTensor(picture, model)
    const started = performance.now()
    const output = await session.run(input, picture.width, picture.height)
    const inferenceMs = performance.now() - started
    const { data, width, height, ...provided } = output
    const matte = readMatte(data, width, height, model.meaning, model.minMax)
    return { matte, inferenceMs, ...provided }
  })
}
