import { z } from 'zod'
import { parseColor } from './color.ts'
import { parseCrop } from './crop.ts'

const YES = ['true', '1', 'yes', 'on', '']
const NO = ['false', '0', 'no', 'off']

/** true/false as themselves or as the words a query or a command line writes; a bare word (`?outputMask`) is true. */
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
    .int('expected the side of the square network input in px, such as 1024, 2048 or 1024x1024')
    .min(32, 'expected at least 32 px')
    .max(4096, 'expected at most 4096 px'),
)

/** A transform that reports its own complaint: `parse` returns the value, or throws an Error whose message says what is expected. */
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
 * Everything that decides the pixels, once, for all doors. Each key is the camelCase name; its description is what help
 * texts and option tables print. Nothing here may be called like a Vite query or an imagetools directive.
 */
export const optionsSchema = z.strictObject({
  model: z
    .string('expected the name of a model, such as general-light or portrait')
    .trim()
    .min(1, 'expected the name of a model, such as general-light or portrait')
    .default('general-light')
    .describe(
      'The model that predicts the matte: an id, or the name that fal gives it. Default: general-light.',
    ),
  operatingResolution: resolution
    .optional()
    .describe(
      "Side in px that the picture is looked at in, at most 4096: 1024, 2048 or 1024x1024. Above the model's own size, other weights of it are used where there are some, else soft edges are looked at once more in parts. Default: the model's own.",
    ),
  outputFormat: z
    .preprocess(
      value => (typeof value === 'string' ? value.toLowerCase() : value),
      z.enum(['png', 'webp', 'avif'], 'expected png, webp or avif'),
    )
    .default('png')
    .describe('Encoding of the cut-out and of the mask: png (default), webp or avif.'),
  outputQuality: number(z.int('expected a whole number from 1 to 100').min(1).max(100))
    .optional()
    .describe('Quality of webp (default 80) and avif (default 50), 1 to 100. png is always lossless.'),
  outputLossless: flag.default(false).describe('Lossless webp or avif. Default: false.'),
  outputMask: flag.default(false).describe('Also give the matte as a greyscale image. Default: false.'),
  matteUpsampling: z
    .enum(['guided', 'bilinear'], 'expected guided or bilinear')
    .default('guided')
    .describe(
      "How the matte grows to the photograph's size: guided (along the photograph's own edges, the default) or bilinear.",
    ),
  refineForeground: z
    .union([flag, z.enum(['multi-level', 'blur-fusion'])], 'expected true, false, multi-level or blur-fusion')
    .default(true)
    .transform(value => (value === true ? 'multi-level' : value))
    .describe(
      'Estimate the pure foreground colours under soft edges, so that no old background shines through: true (multi-level, the default), blur-fusion (as BiRefNet does), or false.',
    ),
  backgroundColor: parsed(parseColor)
    .optional()
    .describe('Put the cut-out onto a CSS colour. Default: transparent.'),
  crop: parsed(parseCrop)
    .optional()
    .describe('Trim to the subject: true, or a margin around it such as 24 (px) or 5%. Default: false.'),
  threshold: number(
    z
      .number('expected a number between 0 and 1')
      .gt(0, 'expected a number between 0 and 1')
      .lt(1, 'expected a number between 0 and 1'),
  )
    .optional()
    .describe('Make the matte hard: alpha from this value on is 1, below it 0. Default: soft edges.'),
  allowEmpty: flag
    .default(false)
    .describe(
      'Give the transparent cut-out of an image without a subject, uncropped, instead of an error. Default: false.',
    ),
})

/** Options as the four doors accept them. */
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
  crop?: boolean | number | `${number}px` | `${number}%`
  threshold?: number
  allowEmpty?: boolean
}

/** Options in normal form: defaults filled in, one spelling per meaning. */
export type Options = z.output<typeof optionsSchema>

/** The option names, camelCase, in the order of the schema. */
export const optionNames = Object.keys(optionsSchema.shape) as (keyof Options)[]
