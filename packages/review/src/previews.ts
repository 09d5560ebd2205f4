import type { ComposedCutout, Plan, Remover } from '@nobg/core'
import sharp, { type Sharp } from 'sharp'
import { createByteCache } from './byte-cache.ts'
import type { ReviewedPicture } from './pictures.ts'
import { EDIT_SIDE } from './protocol.ts'

/** An encoded picture. */
export interface Encoded {
  /** uint8, [byteLength] */
  bytes: Uint8Array
  type: 'image/png' | 'image/webp'
}

/** What the page edits: photograph, matte and cutout of equal size, uncropped, with soft edges. */
export interface EditPreview {
  photograph: Encoded
  matte: Encoded
  cutout: Encoded
  /** Size of the photograph, px. */
  picture: { width: number; height: number }
}

/** Longest side of a picture in the overview, px. */
const THUMBNAIL_SIDE = 480

const MAX_BYTES = 128 * 2 ** 20

/** Makes the previews of pictures, and holds the last ones in memory. */
export interface Previews {
  /** @param kind the photograph, or the cutout as the project ships it. @throws {NobgError} as `Remover.ensure` */
  getThumbnail(plan: Plan, picture: ReviewedPicture, kind: 'photograph' | 'cutout'): Promise<Encoded>
  /** @throws {NobgError} as `Remover.composeCutout` */
  getEdit(plan: Plan, picture: ReviewedPicture): Promise<EditPreview>
}

export function createPreviews(remover: Remover): Previews {
  const thumbnails = createByteCache<Encoded>(MAX_BYTES / 4, ({ bytes }) => bytes.byteLength)
  const edits = createByteCache<EditPreview>(MAX_BYTES, measurePreview)

  return {
    getThumbnail(plan, { path, options }, kind) {
      return thumbnails.get(`${kind} ${kind === 'cutout' ? plan.key : plan.source.digest}`, async () => {
        const cutout = kind === 'cutout' && (await remover.removeBackground(path, options))
        const bytes = cutout ? cutout.data : await plan.source.bytes()
        const size = {
          width: THUMBNAIL_SIDE,
          height: THUMBNAIL_SIDE,
          fit: 'inside',
          withoutEnlargement: true,
        } as const
        return encodeWebp(openPhotograph(bytes).resize(size), 80)
      })
    },
    getEdit(plan, { path, options }) {
      return edits.get(plan.key, async () => {
        const made = await remover.composeCutout(path, { ...options, ...EDIT_OPTIONS })
        return createEditPreview(await plan.source.bytes(), made)
      })
    },
  }
}

/** The page shows whole pictures with soft edges; an empty matte is shown, so that it can be corrected. */
export const EDIT_OPTIONS = { crop: false, threshold: undefined, outputMask: true, allowEmpty: true } as const

/** Encodes what the page edits, at most {@link EDIT_SIDE} px on a side. */
export async function createEditPreview(photograph: Uint8Array, made: ComposedCutout): Promise<EditPreview> {
  const { raster, mask } = made
  if (!mask) throw new Error('Expected a mask.')
  const scale = Math.min(1, EDIT_SIDE / Math.max(raster.width, raster.height))
  const width = Math.max(1, Math.round(raster.width * scale))
  const height = Math.max(1, Math.round(raster.height * scale))
  const open = ({ data, width, height }: typeof mask, channels: 1 | 4) =>
    sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  const fit = { width, height, fit: 'fill' } as const
  const [whole, matte, cutout] = await Promise.all([
    encodeWebp(openPhotograph(photograph).resize(fit), 92),
    open(mask, 1).resize(fit).toColourspace('b-w').png({ compressionLevel: 3 }).toBuffer(),
    encodeWebp(open(raster, 4).resize(fit), 92),
  ])
  return {
    photograph: whole,
    matte: { bytes: matte, type: 'image/png' },
    cutout,
    picture: { width: raster.width, height: raster.height },
  }
}

function openPhotograph(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: false }).autoOrient().toColourspace('srgb')
}

async function encodeWebp(image: Sharp, quality: number): Promise<Encoded> {
  return { bytes: await image.webp({ quality, alphaQuality: 100, effort: 2 }).toBuffer(), type: 'image/webp' }
}

function measurePreview({ photograph, matte, cutout }: EditPreview): number {
  return photograph.bytes.byteLength + matte.bytes.byteLength + cutout.bytes.byteLength
}
