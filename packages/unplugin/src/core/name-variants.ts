import { hasHash } from './name-pattern.ts'

/** The part of an asset that names it: the files from which it was made. */
interface NamedAsset {
  originalFileNames?: string[]
}

type NameAsset = (asset: NamedAsset) => unknown

/**
 * Adds the variant to the name of a picture if the output's pattern has no hash. Without the variant, the host would number
 * two pictures of one photograph (`cat.webp`, `cat2.webp`) in the order in which they are finished, so that their names
 * could change with every build.
 *
 * @param findVariant returns the variant of a picture, given its original file.
 * @returns the output's options.
 */
export function nameVariants<Output extends { assetFileNames?: unknown }>(
  output: Output,
  findVariant: (file: string) => string | undefined,
): Output {
  const { assetFileNames: given } = output
  if (typeof given !== 'function' && (typeof given !== 'string' || hasHash(given))) return output
  const name: NameAsset = asset => {
    const pattern = typeof given === 'function' ? (given as NameAsset)(asset) : given
    const variant = asset.originalFileNames?.map(findVariant).find(Boolean)
    if (!variant || typeof pattern !== 'string' || hasHash(pattern)) return pattern
    return pattern.replace('[name]', `[name]-${variant}`)
  }
  return { ...output, assetFileNames: name }
}
