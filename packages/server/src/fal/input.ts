import { type Options, type OptionsInput, parseOptions } from '@nobg/core'
import { optionNames, optionsSchema, spellOption } from '@nobg/core/internal'
import { z } from 'zod'
import type { App } from '../requests/request.ts'
import { type Detail, InputError } from './details.ts'
import { limitInput } from './limit-input.ts'

/**
 * The options that fal's names of models stand for, by endpoint. The endpoints give other meanings to the same names: v2's
 * documentation maps Light to BiRefNet (Swin-L) and Heavy to BiRefNet lite.
 */
const namedModels: Record<App, Record<string, OptionsInput>> = {
  'fal-ai/birefnet': {
    'General Use (Light)': { model: 'general-light' },
    'General Use (Heavy)': { model: 'general-heavy' },
    Portrait: { model: 'portrait' },
  },
  'fal-ai/birefnet/v2': {
    'General Use (Light)': { model: 'general-heavy' },
    'General Use (Heavy)': { model: 'general-light' },
    Portrait: { model: 'portrait' },
    Matting: { model: 'matting' },
    'General Use (Light 2K)': { model: 'general-light', operatingResolution: 2048 },
    'General Use (Dynamic)': { model: 'general-light-dynamic' },
  },
}

/** fal's names of models, by endpoint. */
export const modelNames: Record<App, readonly string[]> = {
  'fal-ai/birefnet': Object.keys(namedModels['fal-ai/birefnet']),
  'fal-ai/birefnet/v2': Object.keys(namedModels['fal-ai/birefnet/v2']),
}
const resolutions: Record<App, readonly string[]> = {
  'fal-ai/birefnet': ['1024x1024', '2048x2048'],
  'fal-ai/birefnet/v2': ['1024x1024', '2048x2048', '2304x2304'],
}
const formats = ['png', 'webp', 'gif'] as const

/** A validated input. */
export interface FalInput {
  imageUrl: string
  options: Options
  /** The engine does not write GIF: its PNG is converted. */
  isGif: boolean
  /** Whether the result's image is the mask. */
  maskOnly: boolean
  /** Whether the result contains the mask as a second image. */
  outputMask: boolean
  /** Whether the result contains data URIs instead of addresses. */
  syncMode: boolean
}

const own = optionsSchema.shape

/** fal's resolutions, or a number: the engine's operating resolution in px. */
function createResolution(words: readonly string[]) {
  const sides = z.int().min(32).max(4096)
  const isSide = (value: unknown) => typeof value === 'number'
  return z
    .unknown()
    .transform((value, context) => {
      const result = (isSide(value) ? sides : z.enum(words)).safeParse(value)
      if (result.success) return result.data
      context.issues.push(...(result.error.issues as never[]))
      return z.NEVER
    })
    .meta({ override: { anyOf: [{ enum: [...words] }, { type: 'integer', minimum: 32, maximum: 4096 }] } })
}

/** The engine parses the field by itself, so that the schema does not have its type. */
function withType(schema: z.ZodType, type: object) {
  return schema.meta({ description: schema.description, override: type })
}

/**
 * The schema of inputs: fal's fields, and every other option of the engine in snake_case. Unknown fields are dropped.
 *
 * @param ownModels ids of models that are accepted besides fal's names.
 */
export function createInputSchema(app: App, ownModels: readonly string[]) {
  const engineFields = Object.fromEntries(
    optionNames.map(name => [spellOption(name, 'snake'), own[name]]),
  ) as Record<string, z.ZodType>
  return z.object({
    ...engineFields,
    image_url: z
      .string()
      .min(1)
      .describe('URL of the image: http(s), a data URI, or the URL of an uploaded file.'),
    model: z.enum([...modelNames[app], ...ownModels]).default('General Use (Light)'),
    operating_resolution: createResolution(resolutions[app]).optional(),
    output_format: z.enum(formats).default('png'),
    output_quality: own.outputQuality.describe(
      'Quality of webp, 1 to 100 (default 80). No effect on png and gif.',
    ),
    output_lossless: own.outputLossless.describe('Encode webp without loss. Default: false.'),
    output_mask: own.outputMask.describe(
      'Return the mask, too: the matte as a grayscale image. Default: false.',
    ),
    background_color: withType(own.backgroundColor, { type: 'string' }),
    crop: withType(own.crop, { anyOf: [{ type: 'boolean' }, { type: 'number' }, { type: 'string' }] }),
    sync_mode: own.outputMask.describe('Return data URIs instead of URLs.'),
    ...(app === 'fal-ai/birefnet/v2' && {
      mask_only: own.outputMask.describe('Return the mask as the image.'),
    }),
  })
}

/** The fields of both endpoints. */
const fieldNames: ReadonlySet<string> = new Set(
  Object.keys(createInputSchema('fal-ai/birefnet/v2', []).shape),
)

/** @returns the fields of a body that are stored until the request runs @throws {InputError} */
export function readFields(body: unknown): Record<string, unknown> {
  return limitInput(body ?? {}, fieldNames)
}

/**
 * Parses the body of a request.
 *
 * @throws {InputError} with all problems
 */
export function parseInput(app: App, body: unknown, ownModels: readonly string[]): FalInput {
  const fields = readFields(body)
  const result = createInputSchema(app, ownModels).safeParse(fields)
  if (!result.success) throw new InputError(...result.error.issues.map(issue => toDetail(issue, fields)))
  const data = result.data as Record<string, unknown>
  const { image_url: imageUrl, sync_mode: syncMode, mask_only: maskOnly = false, output_format } = data
  const model = data.model as string
  const isGif = output_format === 'gif'
  if (data.operating_resolution === '2304x2304' && model !== 'General Use (Dynamic)') {
    throw new InputError({
      loc: ['body', 'operating_resolution'],
      msg: 'Expected 1024x1024, 2048x2048, or one number for both sides, such as 1536, got 2304x2304. Only General Use (Dynamic) supports 2304x2304.',
      type: 'feature_not_supported',
    })
  }
  const values = Object.fromEntries(optionNames.map(name => [name, data[spellOption(name, 'snake')]]))
  const options: OptionsInput = {
    ...values,
    ...(namedModels[app][model] ?? { model }),
    ...(isGif && { outputFormat: 'png' }),
    ...(maskOnly === true && { outputMask: true, refineForeground: false }),
  }
  return {
    imageUrl: imageUrl as string,
    // The engine's schema knows which options exclude each other.
    options: parseOptions(options),
    isGif,
    maskOnly: maskOnly as boolean,
    outputMask: data.output_mask as boolean,
    syncMode: syncMode as boolean,
  }
}

function toDetail(issue: z.core.$ZodIssue, fields: Record<string, unknown>): Detail {
  const loc = ['body', ...(issue.path as (string | number)[])]
  const isMissing = issue.path.length > 0 && fields[String(issue.path[0])] === undefined
  if (isMissing) return { loc, msg: 'Field required', type: 'missing' }
  if (issue.code === 'invalid_value')
    return { loc, msg: issue.message, type: 'one_of', ctx: { expected: issue.values } }
  if (issue.code === 'invalid_type')
    return { loc, msg: issue.message, type: TYPE_NAMES[issue.expected] ?? 'type_error' }
  return { loc, msg: issue.message, type: 'value_error' }
}

const TYPE_NAMES: Record<string, string | undefined> = {
  string: 'string_type',
  boolean: 'bool_parsing',
  number: 'float_parsing',
  int: 'int_parsing',
  object: 'model_attributes_type',
}
