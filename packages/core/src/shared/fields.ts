import { z } from 'zod'
import { showValue } from './abbreviate.ts'
import { NobgError } from './errors.ts'
import { hintAtNames } from './suggest.ts'

/** How the fields of an object are named in errors. */
export interface FieldNames {
  /** The name of one field, such as `models.dogs.mean`. */
  label(name: string): string
  /** A field of an unknown name, such as `option`. */
  noun: string
  /** All fields, such as `options`. */
  plural: string
  /** The hint at a wrong value. */
  hint?: string
  /** Whether values may be secrets. Errors then do not contain them. */
  isSecret?: boolean
}

/** A field that may be absent. `expected` says what a value must be: `true or false`. */
export function field<Schema extends z.ZodType>(schema: Schema, expected: string): z.ZodOptional<Schema> {
  return schema.optional().describe(expected)
}

/** A number of at least `least`, which may be infinite. */
export function atLeast(least: number): z.ZodOptional<z.ZodType<number>> {
  const number = z.union([z.number().min(least), z.literal(Number.POSITIVE_INFINITY)])
  return field(number, `a number of at least ${least}`)
}

/** One of several words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  const quoted = words.map(word => `'${word}'`)
  return field(z.enum(words), `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`)
}

/** Whether a value is an object; null is none. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Parses an object that a user writes. An unknown field is reported before a wrong value.
 *
 * @param schema strict; the description of a field says what the field must be.
 * @throws {NobgError} INVALID_OPTION
 */
export function parseFields<Schema extends z.ZodObject>(
  schema: Schema,
  input: unknown,
  names: FieldNames,
): z.output<Schema> {
  const { label, noun, plural, hint, isSecret } = names
  const refuse = (message: string, hint: string | undefined) =>
    new NobgError('INVALID_OPTION', `${message}.`, { hint })
  if (!isObject(input)) throw refuse(`Expected an object of ${plural}, got ${showValue(input)}`, hint)
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const { issues } = result.error
  const unknown = issues.find(issue => issue.code === 'unrecognized_keys' && issue.path.length === 0)
  if (unknown?.code === 'unrecognized_keys') {
    const [name] = unknown.keys
    throw refuse(`Unknown ${noun} ${showValue(name)}`, hintAtNames(name, Object.keys(schema.shape), plural))
  }
  const [{ path, message }] = issues
  const name = String(path[0])
  const { description } = schema.shape[name]
  const wrong = description ? `expected ${description}` : message
  const received = isSecret ? '' : `, got ${showValue((input as Record<string, unknown>)[name])}`
  throw refuse(`${label(name)}: ${wrong}${received}`, hint)
}
