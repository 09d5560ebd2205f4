import { digestWeights } from '../models/digest.ts'
import type { ModelRegistry } from '../models/registry.ts'
import { chooseResolution, isNative } from '../models/resolution.ts'
import type { Model } from '../models/table.ts'
import type { Options } from '../options/schema.ts'
import type { Logger, Source } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import { cutoutKey, maskKey, matteKey } from './keys.ts'

/** A file to be made: its key in the cutout cache and its path. */
export interface PlannedFile {
  /** 64 hex digits. */
  key: string
  /** `<name of the source>.<format>`. The pictures of one source may share a name: their folders differ. */
  fileName: string
  /** Absolute path that the file will have; undefined if the store keeps no files. */
  file: string | undefined
}

/** Everything that is decided before pixels are decoded. */
export interface Plan extends PlannedFile {
  source: Source
  options: Options
  /** The model that runs, after substitution. */
  model: Model
  /** px */
  operatingResolution: number
  /** Key in the matte cache, 64 hex digits. */
  matteKey: string
  /** The mask's file, if `outputMask` is set. */
  mask?: PlannedFile
}

/** The model that runs. */
interface Choice {
  model: Model
  /** Whether it replaces the requested model. */
  isSubstitute: boolean
}

/**
 * Returns a function that chooses the model for a name. It logs each substitution once.
 *
 * @throws {NobgError} UNKNOWN_MODEL if `substitute` names an unknown model; the returned function, if its argument does
 */
export function createModelChoice(
  table: ModelRegistry,
  substitute: ResolvedConfig['substitute'],
  logger: Logger,
): (name: string) => Choice {
  const forAll = typeof substitute === 'string' ? table.find(substitute) : undefined
  const forSome = typeof substitute === 'object' ? Object.entries(substitute) : []
  const pairs = new Map(forSome.map(([from, to]) => [table.find(from).id, table.find(to)]))
  const logged = new Set<string>()
  return name => {
    const asked = table.find(name)
    const used = forAll ?? pairs.get(asked.id) ?? asked
    if (used !== asked && !logged.has(asked.id)) {
      logged.add(asked.id)
      logger.warn(`nobg: ${used.id} replaces ${asked.id} (substitute).`)
    }
    return { model: used, isSubstitute: used !== asked }
  }
}

/**
 * Plans the cutout of one image.
 *
 * @param pathOf gives the path of a file in the cutout store
 * @throws {NobgError} UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, WEIGHTS_UNAVAILABLE (local weights are missing)
 */
export async function createPlan(
  source: Source,
  options: Options,
  choose: (name: string) => Choice,
  pathOf: (key: string, fileName: string) => string | undefined,
): Promise<Plan> {
  const choice = choose(options.model)
  const { model, operatingResolution } = chooseResolution(
    choice.model,
    chooseSide(options, choice),
    id => choose(id).model,
  )
  const { mean, std, meaning, minMax, fit, input: inputName, output: outputName } = model
  const matte = matteKey({
    source: source.digest,
    weights: await digestWeights(model),
    operatingResolution,
    fused: !isNative(model, operatingResolution),
    contract: { mean, std, meaning, minMax, fit, inputName, outputName },
  })
  const planFile = (key: string, suffix: string): PlannedFile => {
    const fileName = `${source.name}${suffix}.${options.outputFormat}`
    return { key, fileName, file: pathOf(key, fileName) }
  }
  return {
    source,
    options,
    model,
    operatingResolution,
    matteKey: matte,
    ...planFile(cutoutKey(matte, source.name, options), ''),
    ...(options.outputMask && { mask: planFile(maskKey(matte, source.name, options), '-mask') }),
  }
}

/** Ignores a requested operating resolution that suits the requested model but not its substitute. */
function chooseSide({ operatingResolution }: Options, { model, isSubstitute }: Choice): number | undefined {
  const isForAnother = isSubstitute && operatingResolution && !isNative(model, operatingResolution)
  return isForAnother ? undefined : operatingResolution
}
