import { join, resolve } from 'node:path'

import { digestBytesSync } from '../shared/hash.ts'
import { isDeviceName } from '../shared/names.ts'

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

function safeSegment(text: string): string {
  const plain = /^[a-z0-9][a-z0-9_-]{0,99}$/.test(text)
  const reserved = text === 'tmp' || text === 'locks' || isDeviceName(text)
  return plain && !reserved ? text : `_${digestBytesSync(text)}`
}
