import { isAbsolute, relative, resolve, sep } from 'node:path'
import { digestBytesSync } from '../shared/hash.ts'
import { isDeviceName, shortenName } from '../shared/names.ts'

/** What a kept matte belongs to. */
export interface KeptSubject {
  /** Absolute path of the photograph; absent if it is no file. */
  path?: string
  /** Name of the source, as in `Source`. */
  name: string
  /** sha256 of the photograph's bytes, 64 hex digits. */
  digest: string
  /** Id of the model. */
  model: string
  /** px */
  operatingResolution: number
}

/** Where a kept matte lies below the folder of mattes. */
export interface KeptPlace {
  /** Names of the folders, from the outermost. */
  folders: string[]
  /** Start of the names of all mattes of this photograph by this model and resolution: `portrait-1024.` */
  prefix: string
  /** `<model>-<resolution>.<first 8 digits of the photograph's digest>.png` */
  fileName: string
}

/** Stands for `..` in the path of a photograph outside the root. */
const UP = '_up'
/** Holds the mattes of images that are no files. */
const NO_FILE = '_data'
/** Holds the mattes of photographs on another drive (Windows). */
const DRIVE = '_drive'
const RESERVED = [UP, NO_FILE, DRIVE]

/** Bytes of UTF-8. File systems allow 255. */
const MAX_SEGMENT_BYTES = 200

/** Returns the place of a kept matte. It never leads out of the folder of mattes. */
export function placeOf(subject: KeptSubject, root: string): KeptPlace {
  const prefix = `${encodeSegment(subject.model)}-${subject.operatingResolution}.`
  const folders = subject.path ? foldersOf(subject.path, root) : [NO_FILE, encodeSegment(subject.name)]
  return { folders, prefix, fileName: `${prefix}${subject.digest.slice(0, 8)}.png` }
}

/** Parses the path of a kept matte below the folder of mattes. Returns `undefined` for other files. */
export function parsePlace(path: string, root: string) {
  const folders = path.split(sep)
  const fileName = folders.pop() ?? ''
  const [, model, side, digest] = /^(.+)-(\d+)\.([\da-f]{8})\.png$/.exec(fileName) ?? []
  if (!model || folders.length === 0) return undefined
  return {
    folders,
    model: decodeSegment(model),
    operatingResolution: Number(side),
    /** First 8 digits of the photograph's digest. */
    digest,
    photograph: photographOf(folders, root),
  }
}

function foldersOf(path: string, root: string): string[] {
  const below = relative(root, path)
  if (isAbsolute(below)) return [DRIVE, ...below.split(sep).filter(Boolean).map(encodeSegment)]
  return below.split(sep).map(segment => (segment === '..' ? UP : encodeSegment(segment)))
}

/** Absolute path of the photograph whose mattes lie in these folders; `undefined` if the folders do not tell. */
function photographOf(folders: readonly string[], root: string): string | undefined {
  if (folders[0] === NO_FILE || folders[0] === DRIVE || folders.some(isShortened)) return undefined
  return resolve(root, ...folders.map(segment => (segment === UP ? '..' : decodeSegment(segment))))
}

/** Returns a name that is valid on Linux, macOS and Windows. Different names stay different. */
function encodeSegment(segment: string): string {
  // The detour through bytes replaces halves of surrogate pairs, which no URL and no PNG can hold.
  const plain = Buffer.from(segment.normalize('NFC'))
    .toString()
    .replace(/[\p{Cc}<>:"|?*\\/%]|[. ]$/gu, encodeCharacter)
  const isSpecial = RESERVED.includes(plain) || isDeviceName(plain) || /^\.+$/.test(plain)
  const safe = isSpecial ? encodeCharacter(plain[0]) + plain.slice(1) : plain
  if (Buffer.byteLength(safe) <= MAX_SEGMENT_BYTES) return safe
  return `${shortenName(safe, { bytes: MAX_SEGMENT_BYTES })}%~${digestBytesSync(segment).slice(0, 8)}`
}

/** Percent-encodes an ASCII character. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function isShortened(segment: string): boolean {
  return /%~[\da-f]{8}$/.test(segment)
}

function decodeSegment(segment: string): string {
  return segment.replace(/%([\dA-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}
