import { join, resolve } from 'node:path'

import { digestBytes } from './key.ts'

/** Name of the sidecar of each picture. No picture's name starts with a dot. */
export const SIDECAR_NAME = '.entry.json'

/** The folders of a file store. */
export interface Layout {
  /** Folder of this version of the layout. */
  root: string
  /** Folder of temporary files, and of entries that are being removed. */
  tmpDir: string
  /** Folder of the locks that processes hold while they create an entry. */
  lockDir: string
}

/** Returns the folders of a store in `dir`. Creates nothing. */
export function layOut(dir: string): Layout {
  const root = join(resolve(dir), 'v1')
  return { root, tmpDir: join(root, 'tmp'), lockDir: join(root, 'locks') }
}

/**
 * Returns the folder of an entry, `<root>/<namespace>/<id>`, for a key `namespace:id` (`_` if the key has no namespace).
 * A part that is no plain lower-case name is replaced by its digest: so no key leads out of the store, and no two keys
 * collide on a file system that ignores case.
 */
export function entryDirOf({ root }: Layout, key: string): string {
  const colon = key.indexOf(':')
  const namespaceDir = colon === -1 ? join(root, '_') : namespaceDirOf(root, key.slice(0, colon))
  return join(namespaceDir, safeSegment(key.slice(colon + 1)))
}

/** The folder that holds all entries of a namespace. */
export function namespaceDirOf(root: string, namespace: string): string {
  return join(root, safeSegment(namespace))
}

/** File name of the lock for a key. */
export function lockNameOf(key: string): string {
  return safeSegment(key.replace(':', '-'))
}

/** Windows opens a device for these names, with any extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)$/i

function safeSegment(text: string): string {
  const plain = /^[a-z0-9][a-z0-9_-]{0,99}$/.test(text)
  const reserved = text === 'tmp' || text === 'locks' || DEVICE_NAME.test(text)
  return plain && !reserved ? text : `_${digestBytes(Buffer.from(text))}`
}

/** Maximum length of a file name, bytes of UTF-8. File systems allow 255, and hosts append hashes. */
const MAX_NAME_BYTES = 150

/**
 * Returns the name under which a picture is stored, without folders, control characters, reserved characters and leading
 * dots, shortened to 150 bytes including its extension; `entry` if nothing is left. Idempotent.
 */
export function safeFileName(name: string): string {
  const safer = cleanFileName(name)
  return safer === name ? name : safeFileName(safer)
}

function cleanFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  const clean = trimDots(last.replace(/[\p{Cc}\p{Cs}<>:"|?*]/gu, '-'))
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const stem = trimDots(clean.slice(0, clean.length - extension.length)) || 'entry'
  const plainStem = DEVICE_NAME.test(stem.split('.', 1)[0]) ? `_${stem}` : stem
  return truncateBytes(plainStem, MAX_NAME_BYTES - Buffer.byteLength(extension)) + extension
}

/**
 * Removes dots and spaces at both ends: a leading dot hides a file, and Windows drops a trailing one. The lookbehind keeps
 * the search linear.
 */
function trimDots(text: string): string {
  return text.replace(/^[. ]+|(?<![. ])[. ]+$/g, '')
}

function truncateBytes(text: string, maxBytes: number): string {
  let short = ''
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    short += character
  }
  return short
}
