import { isCameraRaw } from './camera-raw.ts'
import { hasMergeMarks } from './merge-marks.ts'

/** `readable`: all builds of sharp decode it. `foreign`: an image that some builds do not decode. `other`: no image. */
export type FormatKind = 'readable' | 'foreign' | 'other'

const CAMERA_RAW = "a camera's raw file"
const MERGED =
  'a file with marks of a merge conflict (`git checkout --ours` or `git checkout --theirs` chooses one side)'

/** File signatures: name for messages, offset, and variants in latin1. The first match counts. */
const signatures: readonly [kind: FormatKind, name: string, offset: number, beginnings: readonly string[]][] =
  [
    ['readable', 'JPEG', 0, ['\xff\xd8\xff']],
    ['readable', 'PNG', 0, ['\x89PNG']],
    ['readable', 'GIF', 0, ['GIF8']],
    ['readable', 'WebP', 8, ['WEBP']],
    ['readable', 'TIFF', 0, ['II*\0', 'MM\0*', 'II+\0', 'MM\0+']],
    ['readable', 'AVIF', 4, ['ftypavi']],
    ['readable', 'SVG', 0, ['<svg']],
    ['foreign', 'HEIC (HEVC-coded)', 4, ['hei', 'hev', 'mif1', 'msf1'].map(brand => `ftyp${brand}`)],
    ['foreign', 'JPEG 2000', 0, ['\0\0\0\x0cjP  ', '\xff\x4f\xff\x51']],
    ['foreign', 'JPEG XL', 0, ['\0\0\0\x0cJXL ', '\xff\x0a']],
    ['foreign', 'a Photoshop document', 0, ['8BPS']],
    ['foreign', 'BMP', 0, ['BM']],
    ['foreign', 'an icon (ICO)', 0, ['\0\0\x01\0', '\0\0\x02\0']],
    [
      'foreign',
      CAMERA_RAW,
      0,
      ['FUJIFILMCCD-RAW', 'IIRO', 'IIRS', 'MMOR', 'IIU\0', 'FOVb', '\0MRM', 'II\x1a\0\0\0HEAPCCDR'],
    ],
    ['foreign', CAMERA_RAW, 4, ['ftypcrx ']],
    ['other', 'PDF', 0, ['%PDF']],
    ['other', 'a video', 4, ['ftyp']],
    ['other', 'a video', 0, ['\x1a\x45\xdf\xa3']],
    ['other', 'a ZIP archive', 0, ['PK\x03\x04']],
    ['other', 'gzip data', 0, ['\x1f\x8b']],
    ['other', 'a Git LFS pointer (`git lfs pull` fetches the image)', 0, ['version https://git-lfs']],
    ['other', 'a web page', 0, ['<!doctype html', '<!DOCTYPE html', '<html']],
  ]

/** Recognizes the format of a file by its first bytes, for messages about images that cannot be decoded. */
export function recognizeFormat(bytes: Uint8Array): { kind: FormatKind; name: string } {
  if (isCameraRaw(bytes)) return { kind: 'foreign', name: CAMERA_RAW }
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  const found = signatures.find(([, , offset, beginnings]) =>
    beginnings.some(start => head.startsWith(start, offset)),
  )
  // The conflict of two Git LFS pointers begins as a pointer.
  if ((!found || found[0] === 'other') && hasMergeMarks(bytes)) return { kind: 'other', name: MERGED }
  if (found) return { kind: found[0], name: found[1] }
  return { kind: 'other', name: /^[\s\x20-\x7e]*$/.test(head) ? 'text' : 'bytes of an unknown format' }
}

/** Whether these are the bytes of a JPEG. */
export function isJpeg(bytes: Uint8Array): boolean {
  return recognizeFormat(bytes).name === 'JPEG'
}
