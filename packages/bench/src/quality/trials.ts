import {
  type Config,
  createModelLibrary,
  createRemover,
  NobgError,
  type OptionsInput,
  type Remover,
} from '@nobg/core'
import { isnetPath, isnetRow } from '../isnet.ts'

/** One line of the table: a model and the options it runs with. */
export interface Trial {
  model: string
  /** px; the model's own where undefined. */
  operatingResolution: number | undefined
}

/** The resolutions that each model is tried at, its own first. */
const resolutions = [undefined, 1024, 2048] as const

const isnet = isnetPath()
const config: Config = { download: false, models: isnet ? { isnet: { ...isnetRow, path: isnet } } : {} }

/** Opens an engine that knows the models of {@link listTrials} and keeps what it makes in `cacheDir`. */
export function openRemover(cacheDir: string): Remover {
  return createRemover({ ...config, cacheDir })
}

/**
 * Every model whose weights are on this machine, at each resolution that it has.
 *
 * @param remover plans a picture to learn whether a resolution can be had.
 */
export async function listTrials(remover: Remover): Promise<Trial[]> {
  const installed = (await createModelLibrary(config).list()).filter(({ installed }) => installed)
  const names = installed.map(({ model }) => model.id)
  const trials = await Promise.all(
    names.flatMap(model =>
      resolutions.map(async (operatingResolution): Promise<Trial[]> => {
        const side = await findResolution(remover, { model, operatingResolution })
        const isOwn = side === (await findResolution(remover, { model }))
        return side === undefined || (isOwn && operatingResolution)
          ? []
          : [{ model, operatingResolution: side }]
      }),
    ),
  )
  return trials.flat()
}

const pixel = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const

/** The resolution that a plan would run at, or undefined where the model has it not. */
async function findResolution(remover: Remover, options: OptionsInput): Promise<number | undefined> {
  try {
    return (await remover.plan(pixel, options)).operatingResolution
  } catch (error) {
    if (error instanceof NobgError && error.code === 'UNSUPPORTED_RESOLUTION') return undefined
    throw error
  }
}
