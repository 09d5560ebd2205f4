import { readdirSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { findSuggestion } from './suggest.ts'

const IMAGE = /\.(?:apng|avif|gif|hei[cf]|jfif|jpe?g|png|tiff?|webp)$/i

/**
 * Returns a hint at the image of the same folder that a missing image's path probably means: the same name in another case or
 * with another extension, or else the nearest name.
 *
 * @returns undefined if the folder does not exist or has no such image.
 */
export function suggestFile(path: string): string | undefined {
  const wanted = basename(path)
  const names = listImages(dirname(path))
  const meant = names.find(name => stemOf(name) === stemOf(wanted)) ?? findSuggestion(wanted, names)
  return meant && `Did you mean '${meant}'?`
}

function listImages(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => IMAGE.test(name))
  } catch {
    return []
  }
}

function stemOf(name: string): string {
  return basename(name, extname(name)).toLowerCase()
}
