import { join, resolve } from 'node:path'

import { digestBytesSync } from '../shared/hash.ts'
import { isDeviceName, shortenName, trimName } from '../shared/names.ts'

/** Name of the file beside each picture that says what the picture must be; the leading dot keeps it apart from any picture. */
export const SIDECAR_NAME = '.entry.json'

/** Where the parts of a file store lie. */
export interface Layout {
  /** The store's folder for this version of the layout; a later version starts a new one beside it. */
  root: string
  /** Files on their way to becoming entries, and entries on their way out. */
  tmpDir: string
  /** Locks that processes hold while they create an entry. */
  lockDir: string
}

/** Lays a store out under `dir`; nothing is created. */
export function layOut(dir: string): Layout {
  const root = join(resolve(dir), 'v1')
  return { root, tmpDir: join(root, 'tmp'), lockDir: join(root, 'locks') }
}

/**
 * The folder of one entry, `<root>/<namespace>/<id>`, for a key of the form `namespace:id` (`_` where a key has no
 * namespace). Key parts that are not plain lower-case names are replaced by their digest, so that no key, however
 * hostile, leads outside, and no two keys meet on a file system that ignores case.
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

function safeSegment(text: string): string {
  const plain = /^[a-z0-9][a-z0-9_-]{0,99}$/.test(text)
  const reserved = text === 'tmp' || text === 'locks' || isDeviceName(text)
  return plain && !reserved ? text : `_${digestBytesSync(text)}`
}

/** Longest file name that is kept whole, in bytes of UTF-8: file systems allow 255, and hosts append hashes of their own. */
const MAX_NAME_BYTES = 150

/** Removed from the ends of a name. */
const DOTS = '. '

/**
 * The name under which a picture is stored: folders, control characters, characters that a file system reserves and
 * leading dots removed, shortened to 150 bytes with its extension kept; `entry` where nothing is left. A name that came
 * out of it goes in again unchanged.
 */
export function safeFileName(name: string): string {
  const safer = cleanFileName(name)
  return safer === name ? name : safeFileName(safer)
}

function cleanFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  const clean = trimName(last.replace(/[\p{Cc}\p{Cs}<>:"|?*]/gu, '-'), DOTS)
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const stem = trimName(clean.slice(0, clean.length - extension.length), DOTS) || 'entry'
  const plainStem = isDeviceName(stem) ? `_${stem}` : stem
  return shortenName(plainStem, MAX_NAME_BYTES - Buffer.byteLength(extension)) + extension
}
