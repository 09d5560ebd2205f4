import type { Options, Picture, Progress, Remover, Timings } from '@nobg/core'
import { parseInput } from '../fal/input.ts'
import { toOutcome } from '../fal/to-outcome.ts'
import type { Addresses } from '../files/addresses.ts'
import type { TokenFileStore } from '../files/token-file-store.ts'
import { canceled } from '../requests/outcomes.ts'
import type { Run, RunContext } from '../requests/request.ts'
import type { GifConverter } from './convert-to-gif.ts'

/** Dependencies of {@link createRun}. */
export interface RunDependencies {
  remover: Remover
  gifs: GifConverter
  fileStore: TokenFileStore
  addresses: Addresses
  /** Ids of models that are accepted besides fal's names. */
  ownModels: readonly string[]
  /** Reads the image of an input. @throws {InputError} */
  readImage(address: string, context: RunContext): Promise<Uint8Array>
  /** How long the files of a result are kept if the client sets nothing. */
  fileLifeSeconds: number
  onPicture(timings: Timings, cached: boolean): void
  onError(error: unknown): void
}

/** Creates the function that runs requests. */
export function createRun(dependencies: RunDependencies): Run {
  const { remover, ownModels, readImage, onPicture, onError } = dependencies
  return async (request, context) => {
    const { signal, log } = context
    try {
      log('Reading the input.')
      const { imageUrl, options, ...form } = parseInput(request.app, request.input, ownModels)
      const image = await readImage(imageUrl, context)
      const { data, mask, timings, cached, model, ...picture } = await cutOut(
        remover,
        image,
        options,
        context,
      )
      onPicture(timings, cached)
      const inline: Record<string, string> = {}
      const store = createResultStore(dependencies, { ...form, inline, signal }, request.fileLifeSeconds)
      const cutout = form.maskOnly && mask ? mask : { data, ...picture }
      const body = {
        image: await store(cutout, 'image'),
        ...(mask && form.outputMask && { mask_image: await store(mask, 'mask') }),
      }
      log(`Done in ${(timings.total / 1000).toFixed(2)} s.`)
      const headers = { 'x-nobg-model': model }
      const inferenceSeconds = (timings.inference ?? 0) / 1000
      return { status: 200, body, headers, inferenceSeconds, ...(form.syncMode && { inline }) }
    } catch (error) {
      if (signal.aborted) return canceled
      const outcome = toOutcome(error)
      if (outcome.status >= 500) onError(error)
      log((error as Error).name === 'Error' ? 'Failed.' : 'The input was refused: see the error.', 'ERROR')
      return outcome
    }
  }
}

function cutOut(remover: Remover, image: Uint8Array, options: Options, { signal, log }: RunContext) {
  let stage: string | undefined
  const onProgress = (progress: Progress) => {
    if (progress.stage === stage) return
    stage = progress.stage
    log(STAGE_MESSAGES[progress.stage](progress.model))
  }
  // The mattes of this machine's project are not for the pictures of clients.
  return remover.removeBackground(image, { ...options, matte: false, signal, onProgress })
}

const STAGE_MESSAGES: Record<Progress['stage'], (model: string) => string> = {
  download: model => `Downloading the weights of ${model}.`,
  queue: () => 'Waiting for the engine.',
  inference: model => `Running ${model}.`,
  encode: () => 'Encoding.',
}

interface Form {
  isGif: boolean
  /** Receives the tokens of the files by their addresses. */
  inline: Record<string, string>
  signal: AbortSignal
}

/** Stores pictures as files, and describes them in fal's form. */
function createResultStore(
  { fileStore, addresses, fileLifeSeconds, gifs }: RunDependencies,
  { isGif, inline, signal }: Form,
  lifeSeconds: number = fileLifeSeconds,
) {
  return async ({ data, width, height, ...file }: Picture, name: string) => {
    const bytes = isGif ? await gifs.convert(data, signal) : data
    const format = isGif ? 'gif' : file.format
    const contentType = `image/${format}`
    const fileName = `${name}.${format}`
    const token = await fileStore.put({ bytes, contentType, fileName }, lifeSeconds)
    const url = addresses.ofFile(token, fileName)
    inline[url] = token
    return { url, content_type: contentType, file_name: fileName, file_size: bytes.byteLength, width, height }
  }
}
