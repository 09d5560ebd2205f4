/** How files begin that people hand over as an image and sharp may not read: name, offset, beginnings in latin1. */
const signatures: readonly [name: string, offset: number, beginnings: readonly string[]][] = [
  ['HEIC (HEVC-coded)', 4, ['hei', 'hev', 'mif1', 'msf1'].map(brand => `ftyp${brand}`)],
  ['AVIF', 4, ['ftypavi']],
  ['JPEG 2000', 0, ['\0\0\0\x0cjP  ', '\xff\x4f\xff\x51']],
  ['JPEG XL', 0, ['\0\0\0\x0cJXL ', '\xff\x0a']],
  ['a Photoshop document', 0, ['8BPS']],
  ['BMP', 0, ['BM']],
  ['an icon (ICO)', 0, ['\0\0\x01\0', '\0\0\x02\0']],
  ['PDF', 0, ['%PDF']],
  ["a camera's raw file", 0, ['FUJIFILMCCD-RAW', 'IIRO', 'IIU\0', 'FOVb']],
  ["a camera's raw file", 4, ['ftypcrx ']],
  ['a video', 4, ['ftyp']],
  ['a video', 0, ['\x1a\x45\xdf\xa3']],
  ['a ZIP archive', 0, ['PK\x03\x04']],
  ['gzip data', 0, ['\x1f\x8b']],
  ['a Git LFS pointer', 0, ['version https://git-lfs']],
  ['a web page', 0, ['<!doctype html', '<!DOCTYPE html', '<html']],
]

/** A name for the format of `bytes` by the first few, for messages about images that cannot be decoded. */
export function nameFormat(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  const found = signatures.find(([, offset, beginnings]) => beginnings.some(start => head.startsWith(start, offset)))
  if (found) return found[0]
  return /^[\s\x20-\x7e]*$/.test(head) ? 'text' : 'bytes of an unknown format'
}
