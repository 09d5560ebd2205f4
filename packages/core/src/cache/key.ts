import { NobgError } from '../shared/errors.ts'
import { digestBytesSync } from '../shared/hash.ts'

/**
 * sha256 of fields, 64 hex digits. The fields are hashed as JSON with sorted names, so their order does not matter. An
 * `undefined` field equals an absent one.
 *
 * @throws {NobgError} INVALID_OPTION for values that JSON cannot represent exactly (function, symbol, bigint, NaN, typed
 *   array, class instance): different values must not share a key
 */
export function digestFields(fields: Record<string, unknown>): string {
  return digestBytesSync(canonicalize(fields, 'fields'))
}

function canonicalize(value: unknown, path: string): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => canonicalize(item, `${path}[${index}]`)).join()}]`
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value)
      .filter(name => value[name] !== undefined)
      .sort()
    return `{${names.map(name => `${JSON.stringify(name)}:${canonicalize(value[name], `${path}.${name}`)}`).join()}}`
  }
  throw new NobgError('INVALID_OPTION', `Expected ${path} to be plain JSON data, got ${describe(value)}.`, {
    hint: 'Use strings, finite numbers, booleans, null, arrays and plain objects only.',
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
