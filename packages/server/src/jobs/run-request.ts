import type { OptionsInput, Picture, Progress, Remover, Timings } from '@nobg/core'
import { explainError } from '../fal/explain-error.ts'
import { parseInput } from '../fal/input.ts'
import type { Addresses } from '../files/addresses.ts'
import type { FileStore } from '../files/file-store.ts'
import { cancelled } from '../requests/outcomes.ts'
import type { Run, RunContext } from '../requests/request.ts'
import { encodeGif } from './encode-gif.ts'

/** What it takes to run a request. */
export interface Runner {
  remover: Remover
  fileStore: FileStore
  addresses: Addresses
  /** Ids of models that may be named beside fal's. */
  ownModels: readonly string[]
  /** Reads the image that an input names. @throws {InputError} */
  readImage(address: string, signal: AbortSignal): Promise<Uint8Array>
  /** How long the files of a result live unless the client says. */
  fileLifeSeconds: number
  onPicture(timings: Timings, cached: boolean): void
  onError(error: unknown): void
}

/** Makes the function that runs requests. */
export function createRun(runner: Runner): Run {
  const { remover, ownModels, readImage, onPicture, onError } = runner
  return async (request, context) => {
    const { signal, log } = context
    try {
      log('Reading the input.')
      const { imageUrl, options, ...form } = parseInput(request.app, request.input, ownModels)
      const image = await readImage(imageUrl, signal)
      const { data, mask, timings, cached, model, ...picture } = await cutOut(
        remover,
        image,
        options,
        context,
      )
      onPicture(timings, cached)
      const keep = createKeeper(runner, form, request.fileLifeSeconds)
      const cutout = form.maskOnly && mask ? mask : { data, ...picture }
      const body = {
        image: await keep(cutout, 'image'),
        ...(mask && form.outputMask && { mask_image: await keep(mask, 'mask') }),
      }
      log(`Done in ${(timings.total / 1000).toFixed(2)} s.`)
      const headers = { 'x-nobg-model': model }
      return { status: 200, body, headers, inferenceSeconds: (timings.inference ?? 0) / 1000 }
    } catch (error) {
      if (signal.aborted) return cancelled
      const outcome = explainError(error)
      if (outcome.status >= 500) onError(error)
      log((error as Error).name === 'Error' ? 'Failed.' : 'Refused: see the error.', 'ERROR')
      return outcome
    }
  }
}

function cutOut(remover: Remover, image: Uint8Array, options: OptionsInput, { signal, log }: RunContext) {
  let stage: string | undefined
  const onProgress = (progress: Progress) => {
    if (progress.stage === stage) return
    stage = progress.stage
    log(stageTexts[progress.stage](progress.model))
  }
  return remover.removeBackground(image, { ...options, signal, onProgress })
}

const stageTexts: Record<Progress['stage'], (model: string) => string> = {
  download: model => `Downloading the weights of ${model}.`,
  queue: () => 'Waiting for the engine.',
  inference: model => `Running ${model}.`,
  encode: () => 'Encoding.',
}

type Form = { isGif: boolean; syncMode: boolean }

/** Puts pictures where the client can fetch them, and describes them as fal does. */
function createKeeper(
  { fileStore, addresses, fileLifeSeconds }: Runner,
  { isGif, syncMode }: Form,
  lifeSeconds: number = fileLifeSeconds,
) {
  return async (picture: Omit<Picture, 'format'> & { format: string }, name: string) => {
    const { data: bytes, contentType, format, width, height } = isGif ? await encodeGif(picture) : picture
    const fileName = `${name}.${format}`
    const url = syncMode
      ? `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`
      : addresses.ofFile(await fileStore.put({ bytes, contentType, fileName }, lifeSeconds), fileName)
    return { url, content_type: contentType, file_name: fileName, file_size: bytes.byteLength, width, height }
  }
}
