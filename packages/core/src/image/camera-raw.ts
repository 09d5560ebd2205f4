import { readTiffDirectories, type TiffDirectory } from './tiff-directories.ts'

const NEW_SUBFILE_TYPE = 254
const COMPRESSION = 259
const PHOTOMETRIC = 262

/**
 * Tags that only raw files have: CFARepeatPatternDim and CFAPattern of TIFF/EP, Leaf's metadata, Kodak's directories,
 * DNGVersion. Not EXIF's CFAPattern (41730): developed photographs keep it.
 */
const RAW_TAGS = [33421, 33422, 34310, 33424, 50706, 65024]

/** Samples of a color filter array, and DNG's linear raw. */
const RAW_PHOTOMETRICS = [32803, 34892]

/** Sony, Epson, Samsung, Nikon, Kodak and Pentax. */
const RAW_COMPRESSIONS = [32767, 32769, 32770, 34713, 65000, 65535]

/** Signatures at byte 8: Canon's CR2, and Phase One's IIQ in both byte orders. */
const signatures = ['CR\x02', 'IIIIwaR', 'MMMMRaw']

/**
 * Whether an image is a camera's raw file based on TIFF (DNG, NEF, CR2, ARW, PEF, SRW, 3FR, IIQ, …). A TIFF decoder would
 * decode its first image, a thumbnail. Checks the content, because file extensions can be wrong.
 *
 * @see https://helpx.adobe.com/camera-raw/digital-negative.html
 * @see https://www.loc.gov/preservation/digital/formats/fdd/fdd000073.shtml (TIFF/EP)
 */
export function isCameraRaw(bytes: Uint8Array): boolean {
  const directories = readTiffDirectories(bytes)
  if (directories.length === 0) return false
  const mark = Buffer.from(bytes.subarray(8, 15)).toString('latin1')
  return (
    signatures.some(signature => mark.startsWith(signature)) ||
    directories.some(isRawDirectory) ||
    isThumbnailOfChild(directories[0])
  )
}

function isRawDirectory({ tags, children }: TiffDirectory): boolean {
  return (
    RAW_TAGS.some(tag => tags.has(tag)) ||
    RAW_PHOTOMETRICS.includes(tags.get(PHOTOMETRIC)?.[0] ?? 0) ||
    RAW_COMPRESSIONS.includes(tags.get(COMPRESSION)?.[0] ?? 0) ||
    children.some(isRawDirectory)
  )
}

/** TIFF/EP puts a reduced image first and the photograph below it. An ordinary TIFF pyramid has the reverse order. */
function isThumbnailOfChild({ tags, children }: TiffDirectory): boolean {
  const isReduced = ({ tags }: TiffDirectory) => ((tags.get(NEW_SUBFILE_TYPE)?.[0] ?? 0) & 1) === 1
  return isReduced({ tags, children }) && children.some(child => !isReduced(child))
}
