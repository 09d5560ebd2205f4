import { basename, extname, relative, resolve } from 'node:path'
import { type ImageInput, NobgError } from '@nobg/core'
import { nameSource, readUrlName, showValue } from '@nobg/core/internal'
import { unreadable } from './input-errors.ts'
import { descriptorOf, openInput } from './streams.ts'

/** One picture to read, with the names that the command line needs. */
export interface NamedSource {
  /** A function opens a stream when the picture is processed. */
  image: ImageInput | (() => ImageInput)
  /** For messages: the path from the working directory, the URL, or `stdin`. */
  label: string
  /** Name of its output files, without an extension. */
  name: string
  /** Absolute path of a file or a named pipe; undefined for other sources. */
  path?: string
  /** Path of its folder below the input folder or the base of the glob; '' if the command line names the file itself. */
  folder: string
  /** Whether it was found in a folder or by a glob. */
  found: boolean
}

export function describeStdin(): NamedSource {
  return { image: () => process.stdin, label: 'stdin', name: 'image', folder: '', found: false }
}

/** An open file or a named pipe. An open file has no path next to which a cutout could be written. */
export function describeStream(word: string): NamedSource {
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

export function describeFile(file: string): NamedSource {
  const path = resolve(file)
  const label = shorten(path)
  return { image: path, label, name: basename(path, extname(path)), path, folder: '', found: false }
}

/** A path for messages: relative to the working directory if it is below it. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

export function describeUrl(word: string): NamedSource {
  const url = URL.canParse(word) ? new URL(word) : undefined
  if (!url)
    throw new NobgError('INVALID_SOURCE', `Expected a URL, got ${showValue(word)}.`, {
      hint: 'Correct the URL: https://example.com/cat.jpg',
    })
  // A log must not show a password or a signature.
  const label = `${url.origin}${url.pathname}`
  return { image: url, label, name: nameSource(readUrlName(url)), folder: '', found: false }
}

/** The input for core. Opens a stream. @throws {NobgError} SOURCE_NOT_FOUND */
export function openImage({ image }: NamedSource): ImageInput {
  return typeof image === 'function' ? image() : image
}
