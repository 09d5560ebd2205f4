import { resolve } from 'node:path'
import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import type { Model } from './table.ts'

/** A model of the user's own: an `.onnx` file and how it wants to be fed. Absent fields are BiRefNet's. */
export interface LocalModel
  extends Partial<
    Pick<Model, 'input' | 'output' | 'resolution' | 'fit' | 'mean' | 'std' | 'meaning' | 'minMax' | 'sha256'>
  > {
  /** Path of the `.onnx` file; a relative one starts at the working directory. */
  path: string
}

const birefnet = {
  resolution: 1024,
  fit: 'stretch',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  meaning: 'logits',
  minMax: false,
} as const

/** What each field must be, in words and as a test of it. */
const fields: Record<keyof LocalModel, [expected: string, fits: (value: unknown) => boolean]> = {
  path: ['the path of an .onnx file', isText],
  sha256: ['64 lower-case hex digits', value => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)],
  input: ['the name of an input of the graph', isText],
  output: ['the name of an output of the graph', isText],
  resolution: ['a side in px, or { default, multipleOf }, default being such a multiple', isResolution],
  fit: ["'stretch' or 'shortest-edge'", value => value === 'stretch' || value === 'shortest-edge'],
  mean: ['three numbers', value => isTriple(value, () => true)],
  std: ['three numbers above 0', value => isTriple(value, deviation => deviation > 0)],
  meaning: ["'logits' or 'probability'", value => value === 'logits' || value === 'probability'],
  minMax: ['true or false', value => typeof value === 'boolean'],
}

/** A digest and endings such as `.optimized.onnx.part` follow an id in file names, which end at 255 bytes. */
const MAX_ID_LENGTH = 100

/**
 * The whole row of a model that a user described.
 *
 * @throws {NobgError} INVALID_OPTION, naming the field
 */
export function describeLocalModel(id: string, row: LocalModel): Model {
  // The id is a word on the command line and a part of file names.
  if (id.length > MAX_ID_LENGTH || !/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(id)) {
    throw invalid(
      `models: expected names of lower-case letters, digits, dots and hyphens, ${MAX_ID_LENGTH} at most, got ${showValue(id)}`,
    )
  }
  if (typeof row !== 'object' || row === null)
    throw invalid(`models.${id}: expected { path, … }, got ${showValue(row)}`)
  const given = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
  for (const name of ['path', ...Object.keys(given)]) checkField(id, name, given[name])
  const model = { ...birefnet, ...(given as unknown as LocalModel), id, license: "the user's own", urls: [] }
  if (model.fit === 'shortest-edge' && typeof model.resolution === 'number') {
    throw invalid(
      `models.${id}: fit 'shortest-edge' expects resolution { default, multipleOf }, got ${model.resolution}`,
    )
  }
  return { ...model, path: resolve(model.path) }
}

function checkField(id: string, name: string, value: unknown): void {
  if (!Object.hasOwn(fields, name)) {
    throw invalid(
      `models.${id}: expected ${Object.keys(fields).join(', ')}; got an unknown ${showValue(name)}`,
    )
  }
  const [expected, fits] = fields[name as keyof LocalModel]
  if (!fits(value)) throw invalid(`models.${id}.${name}: expected ${expected}, got ${showValue(value)}`)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0
}

function isResolution(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isSide(value)
  const { default: side, multipleOf, ...rest } = value as Record<string, unknown>
  return isSide(side) && isSide(multipleOf) && side % multipleOf === 0 && Object.keys(rest).length === 0
}

function isTriple(value: unknown, fits: (number: number) => boolean): boolean {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    value.every(number => Number.isFinite(number) && fits(number))
  )
}

function invalid(message: string): NobgError {
  return new NobgError('INVALID_OPTION', `${message}.`, {
    hint: "Correct the description in the config's `models`.",
  })
}
