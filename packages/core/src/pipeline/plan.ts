import { digestWeights } from '../models/digest.ts'
import type { ModelRegistry } from '../models/registry.ts'
import { chooseResolution, isNative } from '../models/resolution.ts'
import type { Model } from '../models/table.ts'
import { parseOptions } from '../options/parse.ts'
import type { Options, OptionsInput } from '../options/schema.ts'
import type { Logger, Source } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import { cutoutKey, maskKey, matteKey } from './keys.ts'

/** One file to be: its key in the cutout cache and where it will lie. */
export interface PlannedFile {
  /** 64 hex digits. */
  key: string
  /** The source's name, eight digits of the key, and the format's extension. */
  fileName: string
  /** Where the file will lie; undefined if the store keeps no files. */
  file: string | undefined
}

/** Everything that is decided before any pixel is touched. */
export interface Plan extends PlannedFile {
  source: Source
  options: Options
  /** The model really used, after substitution. */
  model: Model
  operatingResolution: number
  /** Key in the matte cache. */
  matteKey: string
  /** The mask's file, if `outputMask` is set. */
  mask?: PlannedFile
}

/** The model that is really used. */
interface Choice {
  model: Model
  /** Whether it stands in for the one that was asked for. */
  isSubstitute: boolean
}

/**
 * Chooses the model that is really used, and says so once for each that is substituted.
 *
 * @throws {NobgError} UNKNOWN_MODEL if `substitute` itself names no model; the returned function for the name it is given.
 */
export function createModelChoice(
  table: ModelRegistry,
  substitute: ResolvedConfig['substitute'],
  logger: Logger,
): (name: string) => Choice {
  const forAll = typeof substitute === 'string' ? table.find(substitute) : undefined
  const forSome = typeof substitute === 'object' ? Object.entries(substitute) : []
  const pairs = new Map(forSome.map(([from, to]) => [table.find(from).id, table.find(to)]))
  const said = new Set<string>()
  return name => {
    const asked = table.find(name)
    const used = forAll ?? pairs.get(asked.id) ?? asked
    if (used !== asked && !said.has(asked.id)) {
      said.add(asked.id)
      logger.warn(`nobg: ${used.id} stands in for ${asked.id} (substitute).`)
    }
    return { model: used, isSubstitute: used !== asked }
  }
}

/** Makes the plan of one image. `pathOf` is the cutout store's. @throws {NobgError} INVALID_OPTION, UNSUPPORTED_RESOLUTION, … */
export async function createPlan(
  source: Source,
  input: OptionsInput | undefined,
  choose: (name: string) => Choice,
  pathOf: (key: string, fileName: string) => string | undefined,
): Promise<Plan> {
  const options = parseOptions(input)
  const choice = choose(options.model)
  const { model, operatingResolution } = chooseResolution(
    choice.model,
    readWish(options, choice),
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
    const fileName = `${source.name}${suffix}-${key.slice(0, 8)}.${options.outputFormat}`
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

/** The operating resolution that is asked of the model: what was meant for another one is not forced onto its stand-in. */
function readWish({ operatingResolution }: Options, { model, isSubstitute }: Choice): number | undefined {
  const isForAnother = isSubstitute && operatingResolution && !isNative(model, operatingResolution)
  return isForAnother ? undefined : operatingResolution
}
