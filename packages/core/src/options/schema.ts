import { z } from 'zod'
import { parseColor } from './color.ts'
import { type Crop, parseCrop } from './crop.ts'

const YES = ['true', '1', 'yes', 'on', '']
const NO = ['false', '0', 'no', 'off']

/** A boolean, or its word in a query or on the command line. A bare word (`?outputMask`) is true. */
const flag = z.preprocess(value => {
  if (typeof value !== 'string') return value
  const word = value.toLowerCase()
  return YES.includes(word) ? true : NO.includes(word) ? false : value
}, z.boolean('expected true or false'))

const number = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(value => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema)

const resolution = z.preprocess(
  value => {
    const square = typeof value === 'string' && /^(\d+)(?:x\1)?$/i.exec(value.trim())
    return square ? Number(square[1]) : value
  },
  z
    .int('expected a resolution in px, such as 1024, 2048 or 1024x1024')
    .min(32, 'expected at least 32 px')
    .max(4096, 'expected at most 4096 px'),
)

/** A transform by `parse`, which throws an Error that says what is expected. */
const parsed = <Value>(parse: (value: unknown) => Value) =>
  z.unknown().transform((value, context) => {
    try {
      return parse(value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })

/**
 * All options that change pixels. A key is the camelCase name of the option. Help texts and option tables print the
 * descriptions. No name may be a query word of Vite or a directive of imagetools.
 */
export const optionsSchema = z.strictObject({
  model: z
    .string('expected the name of a model, such as general-light or portrait')
    .trim()
    .min(1, 'expected the name of a model, such as general-light or portrait')
    .default('general-light')
    .describe("Model that predicts the matte: its id, or fal's name for it. Default: general-light."),
  operatingResolution: resolution
    .optional()
    .describe(
      'Width and height in px to which the photograph is scaled for the model: 1024 or 1024x1024. Default: the resolution of the model. For a higher value, nobg uses weights for that resolution if the model has such weights. If there are no such weights, nobg first runs the model on the whole image, and then on tiles of the image that contain soft edges. This takes several times as long and helps only large images.',
    ),
  outputFormat: z
    .preprocess(
      value => (typeof value === 'string' ? value.toLowerCase() : value),
      z.enum(['png', 'webp', 'avif'], 'expected png, webp or avif'),
    )
    .default('png')
    .describe('Format of the cutout and the mask: png (default), webp or avif.'),
  outputQuality: number(z.int('expected a whole number from 1 to 100').min(1).max(100))
    .optional()
    .describe('Quality of webp (default 80) or avif (default 50), 1 to 100. png is always lossless.'),
  outputLossless: flag.default(false).describe('Encode webp or avif without loss. Default: false.'),
  outputMask: flag
    .default(false)
    .describe('Make the mask, too: the matte as a grayscale image. Default: false.'),
  matteUpsampling: z
    .enum(['guided', 'bilinear'], 'expected guided or bilinear')
    .default('guided')
    .describe(
      'Method to enlarge the matte to the size of the image: guided (default; follows the edges in the image) or bilinear.',
    ),
  refineForeground: z
    .union([flag, z.enum(['multi-level', 'blur-fusion'])], 'expected true, false, multi-level or blur-fusion')
    .default(true)
    .transform(value => (value === true ? 'multi-level' : value))
    .describe(
      'Remove the colors of the old background from soft edges. true or multi-level (default), blur-fusion (the method of BiRefNet), or false.',
    ),
  backgroundColor: parsed(parseColor)
    .optional()
    .describe('CSS color to put behind the subject. Default: transparent.'),
  crop: parsed(parseCrop)
    .optional()
    .describe(
      'Crop to the subject: true, or a margin around the subject: 24 (px) or 5% (of the longer side of the subject). Default: false.',
    ),
  threshold: number(
    z
      .number('expected a number between 0 and 1')
      .gt(0, 'expected a number between 0 and 1')
      .lt(1, 'expected a number between 0 and 1'),
  )
    .optional()
    .describe(
      'Number above 0 and below 1. Alpha at or above this number becomes 1, other alpha becomes 0. Default: alpha stays soft.',
    ),
  allowEmpty: flag
    .default(false)
    .describe(
      'If the image has no subject, return a transparent, uncropped cutout instead of the error NO_SUBJECT. Default: false.',
    ),
})

/** Options as users write them, or in normal form. */
export interface OptionsInput {
  model?: string
  operatingResolution?: number | `${number}` | `${number}x${number}`
  outputFormat?: 'png' | 'webp' | 'avif'
  outputQuality?: number
  outputLossless?: boolean
  outputMask?: boolean
  matteUpsampling?: 'guided' | 'bilinear'
  refineForeground?: boolean | 'multi-level' | 'blur-fusion'
  backgroundColor?: string
  crop?: boolean | number | `${number}px` | `${number}%` | Crop
  threshold?: number
  allowEmpty?: boolean
}

/** Options in normal form: defaults filled in, one spelling per meaning. Parsing them again gives equal options. */
export type Options = z.output<typeof optionsSchema>

/** The option names, camelCase, in the order of the schema. */
export const optionNames = Object.keys(optionsSchema.shape) as (keyof Options)[]
