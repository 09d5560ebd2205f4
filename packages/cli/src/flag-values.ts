import { z } from '@nobg/core/internal'
import { InvalidArgumentError } from 'commander'

/** Parser of a flag that may be repeated. */
export function collect(word: string, before: string[] = []): string[] {
  return [...before, word]
}

/** Parser of a flag whose text must fit a schema. The description of the schema says what is expected. */
export function parseAs<Schema extends z.ZodType>(schema: Schema): (text: string) => z.output<Schema> {
  return text => {
    const result = schema.safeParse(text)
    if (result.success) return result.data
    throw new InvalidArgumentError(`Expected ${schema.description}.`)
  }
}

/** A whole number from `least` to `most`, in digits. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .describe(`a whole number from ${least} to ${most}`)
}
