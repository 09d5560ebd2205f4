import { digestWeights } from '../models/digest.ts'
import type { ModelRegistry } from '../models/registry.ts'
import { chooseResolution, isNative } from '../models/resolution.ts'
import type { Model } from '../models/table.ts'
import type { Options } from '../options/schema.ts'
import type { Logger, Source } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import { cutoutKey, givenMatteKey, maskKey, matteKey } from './keys.ts'
import {
  findGivenMatte,
  findKeptMatte,
  type MatteInput,
  type MatteSources,
  type PlannedMatte,
} from './plan-matte.ts'

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
  /** Id of the requested model, if `substitute` replaces it. */
  replaces: string | undefined
  /** px */
  operatingResolution: number
  /** Where the matte comes from. */
  matte: PlannedMatte
  /** Key of the matte, 64 hex digits: in the matte cache if the matte is predicted, else from the digest of its file. */
  matteKey: string
  /** The mask's file, if `outputMask` is set. */
  mask?: PlannedFile
}

/** The model that runs. */
interface Choice {
  model: Model
  /** Id of the requested model, if another model replaces it. */
  replaces: string | undefined
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
    return { model: used, replaces: used === asked ? undefined : asked.id }
  }
}

/** What planning needs besides the image. */
export interface PlanContext {
  choose: (name: string) => Choice
  /** @throws {NobgError} LICENSE_NOT_ALLOWED */
  checkLicense: (model: Model) => void
  mattes: MatteSources
  /** Keys under which this remover made mattes that it then kept, by the digest of the kept file. */
  keyOfKept: ReadonlyMap<string, string>
  /** Gives the path of a file in the cutout store. */
  pathOf: (key: string, fileName: string) => string | undefined
}

/**
 * Plans the cutout of one image.
 *
 * @throws {NobgError} UNKNOWN_MODEL, LICENSE_NOT_ALLOWED, UNSUPPORTED_RESOLUTION, INVALID_MATTE, MATTE_MISSING
 * @throws {NobgError} WEIGHTS_UNAVAILABLE if the weights of a local model are missing
 */
export async function createPlan(
  source: Source,
  options: Options,
  context: PlanContext,
  given: { matte?: MatteInput; signal?: AbortSignal } = {},
): Promise<Plan> {
  const { choose, checkLicense, pathOf } = context
  const choice = choose(options.model)
  const { model, operatingResolution } = chooseResolution(
    choice.model,
    chooseSide(options, choice),
    id => choose(id).model,
  )
  const matte = await planMatte(source, model, operatingResolution, context, given)
  if (matte.origin === 'predicted') checkLicense(model)
  const key = await keyOfMatte(matte, { source, model, operatingResolution }, context)
  const planFile = (key: string, suffix: string): PlannedFile => {
    const fileName = `${source.name}${suffix}.${options.outputFormat}`
    return { key, fileName, file: pathOf(key, fileName) }
  }
  return {
    source,
    options,
    model,
    replaces: choice.replaces,
    operatingResolution,
    matte,
    matteKey: key,
    ...planFile(cutoutKey(key, source.name, options), ''),
    ...(options.outputMask && { mask: planFile(maskKey(key, source.name, options), '-mask') }),
  }
}

async function planMatte(
  source: Source,
  model: Model,
  operatingResolution: number,
  { mattes }: PlanContext,
  { matte, signal }: { matte?: MatteInput; signal?: AbortSignal },
): Promise<PlannedMatte> {
  if (matte === false) return { origin: 'predicted' }
  const given = await findGivenMatte(source, matte, mattes.readSource, signal)
  if (given) return given
  const { path, name, digest } = source
  return findKeptMatte(source, { path, name, digest, model: model.id, operatingResolution }, mattes)
}

type Prediction = Pick<Plan, 'source' | 'model' | 'operatingResolution'>

async function keyOfMatte(
  matte: PlannedMatte,
  { source, model, operatingResolution }: Prediction,
  { keyOfKept }: PlanContext,
): Promise<string> {
  if (matte.origin !== 'predicted') {
    const { digest } = matte.source
    return keyOfKept.get(digest) ?? givenMatteKey(source.digest, digest)
  }
  const { mean, std, meaning, minMax, fit, input: inputName, output: outputName } = model
  return matteKey({
    source: source.digest,
    weights: await digestWeights(model),
    operatingResolution,
    fused: !isNative(model, operatingResolution),
    contract: { mean, std, meaning, minMax, fit, inputName, outputName },
  })
}

/** Ignores a requested operating resolution that suits the requested model but not its substitute. */
function chooseSide({ operatingResolution }: Options, { model, replaces }: Choice): number | undefined {
  const isForAnother = replaces !== undefined && operatingResolution && !isNative(model, operatingResolution)
  return isForAnother ? undefined : operatingResolution
}
