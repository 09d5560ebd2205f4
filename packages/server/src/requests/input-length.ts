/** @returns characters of the image of an input; its other fields are short */
export function readInputLength(input: unknown): number {
  const { image_url } = (input ?? {}) as { image_url?: unknown }
  return typeof image_url === 'string' ? image_url.length : 0
}
