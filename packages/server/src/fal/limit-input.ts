import { detailOf, InputError } from './details.ts'

/** Longest value of a field in characters of JSON. The longest colors that people write have about 80 characters. */
const MAX_VALUE = 256
/** Longest address of an image, in characters. Data URIs are limited by the size of the image. */
const MAX_ADDRESS = 8192

/**
 * Takes the known fields of a body. `null` means that a field is not given. Long values are refused before any library reads
 * them, and before they are stored.
 *
 * @throws {InputError} if the body is not an object, or a value is too long; with all problems
 */
export function limitInput(
  body: unknown,
  names: ReadonlySet<string>,
  maxValue = MAX_VALUE,
): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new InputError({ loc: ['body'], msg: 'Expected an object.', type: 'model_attributes_type' })
  const known = Object.entries(body).filter(
    ([name, value]) => names.has(name) && value !== null && value !== undefined,
  )
  const details = known.flatMap(([name, value]) => {
    const [length, longest] = measure(name, value, maxValue)
    if (length <= longest) return []
    const msg = `Expected at most ${longest} characters, got ${length}.`
    return [detailOf(name, 'string_too_long', msg, { max_length: longest })]
  })
  if (details.length > 0) throw new InputError(...details)
  return Object.fromEntries(known)
}

function measure(name: string, value: unknown, maxValue: number): [length: number, longest: number] {
  if (name !== 'image_url' || typeof value !== 'string')
    return [typeof value === 'string' ? value.length : JSON.stringify(value).length, maxValue]
  return [value.length, /^data:/i.test(value) ? Infinity : MAX_ADDRESS]
}
