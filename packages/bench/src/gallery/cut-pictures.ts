import { readFile } from 'node:fs/promises'
import { type CutoutFile, NobgError, type Remover } from '@nobg/core'
import { drawSheet } from './draw-sheet.ts'
import type { GalleryPicture } from './photographs.ts'
import { digestMatte } from './verdicts.ts'

/** What a model made of a picture. */
export interface GalleryCut {
  picture: string
  model: string
  /** Digest of the matte. */
  matte: string
  /** What the check of the matte found, and NO_SUBJECT if nobg makes no cutout by default. */
  codes: string[]
  /** Path of the cutout. */
  cutout: string
  /** The sheet, a WebP file. */
  sheet: Buffer
}

/** px of a panel */
const WIDTH = 300
/** The backgrounds of the two cutouts. */
const BACKGROUNDS = ['#ffffff', '#1b2a49']

/** Cuts out a picture with all defaults, and draws the photograph, the matte and the cutout on two colors. */
export async function cutPicture(
  remover: Remover,
  { id, file }: GalleryPicture,
  model: string,
): Promise<GalleryCut> {
  const { result, isEmpty } = await cut(remover, file, model)
  const [cutout, mask] = await Promise.all([readFile(result.file), readFile(result.maskFile!)])
  const panels = [
    { picture: await readFile(file), background: 'white' },
    { picture: mask, background: 'white' },
    ...BACKGROUNDS.map(background => ({ picture: cutout, background })),
  ]
  const sheet = await drawSheet(panels, WIDTH, 2)
  return {
    picture: id,
    model,
    matte: await digestMatte(mask),
    codes: [...(isEmpty ? ['NO_SUBJECT'] : []), ...result.findings.map(({ code }) => code)],
    cutout: result.file,
    sheet: await sheet.webp({ quality: 78 }).toBuffer(),
  }
}

/** Repeats the cut with `allowEmpty` if there is no subject, so that there is a matte to show. */
async function cut(
  remover: Remover,
  file: string,
  model: string,
): Promise<{ result: CutoutFile; isEmpty: boolean }> {
  const options = { model, outputMask: true }
  try {
    return { result: await remover.ensure(await remover.plan(file, options)), isEmpty: false }
  } catch (error) {
    if (!(error instanceof NobgError && error.code === 'NO_SUBJECT')) throw error
    const plan = await remover.plan(file, { ...options, allowEmpty: true })
    return { result: await remover.ensure(plan), isEmpty: true }
  }
}
