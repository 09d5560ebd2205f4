import { resolve } from 'node:path'
import { z } from 'zod'
import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { field, parseFields } from '../shared/fields.ts'
import { BIREFNET_INPUT, type Model } from './table.ts'

/** A user's model: an `.onnx` file and its input and output. Defaults are those of BiRefNet. */
export interface LocalModel
  extends Partial<
    Pick<Model, 'input' | 'output' | 'resolution' | 'fit' | 'mean' | 'std' | 'meaning' | 'minMax' | 'sha256'>
  > {
  /** Path of the `.onnx` file; relative paths start at the working directory. */
  path: string
}

const text = z.string().min(1)
const side = z.int().positive()
const multiple = z
  .strictObject({ default: side, multipleOf: side })
  .refine(resolution => resolution.default % resolution.multipleOf === 0)
const number = z.number()
const positive = z.number().positive()

/** The description of a field says what the field must be. */
const localModelSchema = z.strictObject({
  path: text.describe('the path of an .onnx file'),
  sha256: field(z.string().regex(/^[0-9a-f]{64}$/), '64 lower-case hex digits'),
  input: field(text, 'the name of an input of the graph'),
  output: field(text, 'the name of an output of the graph'),
  resolution: field(
    z.union([side, multiple]),
    'a side in px, or { default, multipleOf } whose default is a multiple of multipleOf',
  ),
  fit: field(z.enum(['stretch', 'shortest-edge']), "'stretch' or 'shortest-edge'"),
  mean: field(z.tuple([number, number, number]), 'three numbers'),
  std: field(z.tuple([positive, positive, positive]), 'three numbers above 0'),
  meaning: field(z.enum(['logits', 'probability']), "'logits' or 'probability'"),
  minMax: field(z.boolean(), 'true or false'),
} satisfies Record<keyof LocalModel, z.ZodType>)

const HINT = "Correct the description in the config's `models`."

/** A file name has at most 255 bytes: the id, a digest, and an ending such as `.optimized.onnx.part`. */
const MAX_ID_LENGTH = 100

/**
 * Returns a user's model with its defaults filled in and an absolute path.
 *
 * @throws {NobgError} INVALID_OPTION; the message names the field
 */
export function describeLocalModel(id: string, row: LocalModel): Model {
  // The id is a word on the command line and part of file names.
  if (id.length > MAX_ID_LENGTH || !/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(id)) {
    throw invalid(
      `models: expected ids of at most ${MAX_ID_LENGTH} lower-case letters, digits, dots and hyphens, got ${showValue(id)}`,
    )
  }
  if (typeof row !== 'object' || row === null)
    throw invalid(`models.${id}: expected { path, … }, got ${showValue(row)}`)
  const fields = parseFields(localModelSchema, row, {
    label: name => `models.${id}.${name}`,
    noun: `field of models.${id}`,
    plural: 'fields of a model',
    hint: HINT,
  })
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const model = {
    ...BIREFNET_INPUT,
    ...(given as unknown as LocalModel),
    id,
    license: "the user's own",
    urls: [],
  }
  if (model.fit === 'shortest-edge' && typeof model.resolution === 'number') {
    throw invalid(
      `models.${id}: expected resolution { default, multipleOf } for fit 'shortest-edge', got ${model.resolution}`,
    )
  }
  return { ...model, path: resolve(model.path) }
}

function invalid(message: string): NobgError {
  return new NobgError('INVALID_OPTION', `${message}.`, { hint: HINT })
}
