import { basename, extname, relative, resolve } from 'node:path'
import { type ImageInput, NobgError } from '@nobg/core'
import { nameSource, showValue } from '@nobg/core/internal'
import { unreadable } from './input-errors.ts'
import { descriptorOf, openInput } from './streams.ts'

/** One picture to read. */
export interface Source {
  /** A stream is opened when its picture's turn comes. */
  image: ImageInput | (() => ImageInput)
  /** How to speak of it: the path from the working directory, the URL, or `stdin`. */
  label: string
  /** Name for what is made of it, without an extension. */
  name: string
  /** Absolute path, where it has a place of its own: a file, or a named pipe. */
  path?: string
  /** Where it lies below the folder or the glob's base that it was found in, without its name; '' where it was named. */
  folder: string
  /** Whether it was found in a folder or by a glob, and not named by itself. */
  found: boolean
}

export function describeStdin(): Source {
  return { image: () => process.stdin, label: 'stdin', name: 'image', folder: '', found: false }
}

/** A pipe is read once, when its turn comes. An open file has no place that a cut-out could go beside. */
export function describeStream(word: string): Source {
  const path = resolve(word)
  const fd = descriptorOf(path)
  if (fd === 0) return describeStdin()
  const image = () => {
    try {
      return openInput(path)
    } catch (error) {
      throw unreadable(word, error as NodeJS.ErrnoException)
    }
  }
  const file = describeFile(word)
  return fd === undefined
    ? { ...file, image }
    : { image, label: word, name: `image-${fd}`, folder: '', found: false }
}

export function describeFile(file: string): Source {
  const path = resolve(file)
  const label = shorten(path)
  return { image: path, label, name: basename(path, extname(path)), path, folder: '', found: false }
}

/** A path as it is shown: from the working directory where it lies below it. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

export function describeUrl(word: string): Source {
  const url = URL.canParse(word) ? new URL(word) : undefined
  if (!url) throw new NobgError('INVALID_SOURCE', `Expected an address, got ${showValue(word)}.`)
  // A password or a signature is nothing for a log.
  const label = `${url.origin}${url.pathname}`
  return { image: url, label, name: nameSource(decode(url.pathname)), folder: '', found: false }
}

function decode(pathname: string): string {
  const segment = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** What core is given for a source; a stream is opened by it. @throws {NobgError} SOURCE_NOT_FOUND */
export function openImage({ image }: Source): ImageInput {
  return typeof image === 'function' ? image() : image
}
