import type { z } from 'zod'

/** A field that does not fit a schema. */
export interface Problem {
  name: string
  value: unknown
  /** What the field must be; undefined if the schema has no field of this name. */
  expected?: string
}

/** Makes a field optional. `expected` says what the field must be, for {@link findProblem}. */
export function optionalField<Schema extends z.ZodType>(schema: Schema, expected: string) {
  return schema.optional().describe(expected)
}

/**
 * Returns the first field of an object that does not fit, unknown names first; undefined if all fit.
 *
 * @param schema the description of a field says what the field must be.
 */
export function findProblem(schema: z.ZodObject, input: object): Problem | undefined {
  const issues = schema.safeParse(input).error?.issues ?? []
  if (issues.length === 0) return undefined
  const unknown = issues.find(issue => issue.code === 'unrecognized_keys' && issue.path.length === 0)
  const name = unknown?.code === 'unrecognized_keys' ? unknown.keys[0] : String(issues[0].path[0])
  const value = (input as Record<string, unknown>)[name]
  return { name, value, expected: unknown ? undefined : schema.shape[name].description }
}
