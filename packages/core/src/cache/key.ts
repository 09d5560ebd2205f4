import { NobgError } from '../shared/errors.ts'
import { digestBytesSync } from '../shared/hash.ts'

/**
 * sha256 (64 hex digits) of all that decides a result. Fields are compared as JSON with their names sorted at every
 * depth, so the order in which they were written does not matter; a field that is `undefined` equals one that is absent.
 *
 * @throws {NobgError} INVALID_OPTION for what JSON cannot hold faithfully (a function, a symbol, a bigint, NaN, a typed
 *   array, a class instance): two different values must never share a key.
 */
export function digestFields(fields: Record<string, unknown>): string {
  return digestBytesSync(canonicalise(fields, 'fields'))
}

function canonicalise(value: unknown, path: string): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => canonicalise(item, `${path}[${index}]`)).join()}]`
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value)
      .filter(name => value[name] !== undefined)
      .sort()
    return `{${names.map(name => `${JSON.stringify(name)}:${canonicalise(value[name], `${path}.${name}`)}`).join()}}`
  }
  throw new NobgError('INVALID_OPTION', `expected ${path} to be plain JSON data, got ${describe(value)}`, {
    hint: 'A cache key is made of strings, finite numbers, booleans, null, arrays and plain objects.',
  })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return `an instance of ${value.constructor?.name ?? 'a class'}`
  return typeof value === 'number' ? String(value) : `a value of type ${typeof value}`
}
