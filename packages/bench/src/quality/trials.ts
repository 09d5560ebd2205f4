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
  /** px */
  operatingResolution: number
  matteUpsampling: 'bilinear' | 'guided'
}

/** The resolutions that each model is tried at, times its own. */
const scales = [1, 2] as const
const upsamplings = ['bilinear', 'guided'] as const

const isnet = isnetPath()
const config: Config = { download: false, models: isnet ? { isnet: { ...isnetRow, path: isnet } } : {} }

/** Opens an engine that knows the models of {@link listTrials} and keeps what it makes in `cacheDir`. */
export function openRemover(cacheDir: string): Remover {
  return createRemover({ ...config, cacheDir })
}

/**
 * Every model whose weights are on this machine, at its own resolution and at twice that, with each upsampling.
 *
 * @param remover plans a picture to learn whether a resolution can be had.
 */
export async function listTrials(remover: Remover): Promise<Trial[]> {
  const installed = (await createModelLibrary(config).list()).filter(({ installed }) => installed)
  const trials = await Promise.all(
    installed.map(async ({ model: { id: model } }) => {
      const own = (await findResolution(remover, { model })) ?? 0
      const sides = await Promise.all(
        scales.map(scale => findResolution(remover, { model, operatingResolution: scale * own })),
      )
      return sides
        .filter(side => side !== undefined)
        .flatMap(operatingResolution =>
          upsamplings.map((matteUpsampling): Trial => ({ model, operatingResolution, matteUpsampling })),
        )
    }),
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
