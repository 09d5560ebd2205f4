// Runs in a child process of its own, one per model: a network that exhausts the memory takes only this process with it.
import { readMatte } from '../matting/matte.ts'
import { createInputTensor } from '../matting/tensor.ts'
import { openSession, type Session, type SessionSettings } from '../models/session.ts'
import type { Model } from '../models/table.ts'
import type { Matte, Raster } from '../types.ts'
import { type Reply, replyWith } from './reply.ts'

export interface InferenceTask {
  model: Model
  /** Path of the weights. */
  path: string
  settings: SessionSettings
  /** The picture at the operating resolution: uint8, [height, width, 3]. */
  picture: Raster
}

export interface Prediction {
  /** At the operating resolution. */
  matte: Matte
  /** Wall time inside `InferenceSession.run`. */
  inferenceMs: number
}

let session: Promise<Session> | undefined

export default function predict(task: InferenceTask): Promise<Reply<Prediction>> {
  return replyWith(async () => {
    const { model, picture } = task
    session ??= openSession(model, task.path, task.settings)
    const opened = await session.catch(error => {
      session = undefined
      throw error
    })
    const input = createInputTensor(picture, model)
    const started = performance.now()
    const output = await opened.run(input, picture.width, picture.height)
    const inferenceMs = performance.now() - started
    const matte = readMatte(output.data, output.width, output.height, model.meaning, model.minMax)
    return { matte, inferenceMs }
  })
}
