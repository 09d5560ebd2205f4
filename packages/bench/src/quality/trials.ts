import {
  type Config,
  createModelLibrary,
  createRemover,
  NobgError,
  type OptionsInput,
  type Remover,
} from '@nobg/core'
import { isnetPath, isnetRow } from '../isnet.ts'

/** A row of the table: a model and its options. */
export interface Trial {
  model: string
  /** In px. */
  operatingResolution: number
  matteUpsampling: 'bilinear' | 'guided'
}

/** The resolutions of each model, as multiples of its own. */
const scales = [1, 2] as const
const upsamplings = ['bilinear', 'guided'] as const

const isnet = isnetPath()
const config: Config = { download: false, models: isnet ? { isnet: { ...isnetRow, path: isnet } } : {} }

/** Creates a remover with the models of {@link listTrials} and its cache in `cacheDir`. */
export function openRemover(cacheDir: string): Remover {
  return createRemover({ ...config, cacheDir })
}

/** Ids of the models whose weights are on this machine. */
export async function listModels(): Promise<string[]> {
  const listed = await createModelLibrary(config).list()
  return listed.filter(({ installed }) => installed).map(({ model }) => model.id)
}

/**
 * Lists every model whose weights are on this machine, at its own resolution and at twice that, with each upsampling.
 *
 * @param remover tells whether a model supports a resolution.
 */
export async function listTrials(remover: Remover): Promise<Trial[]> {
  const trials = await Promise.all(
    (await listModels()).map(async model => {
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

/** Returns the operating resolution of a plan in px, or undefined if the model does not support it. */
async function findResolution(remover: Remover, options: OptionsInput): Promise<number | undefined> {
  try {
    return (await remover.plan(pixel, options)).operatingResolution
  } catch (error) {
    if (error instanceof NobgError && error.code === 'UNSUPPORTED_RESOLUTION') return undefined
    throw error
  }
}
