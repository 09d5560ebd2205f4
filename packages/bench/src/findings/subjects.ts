import { readdir } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { Matte, Raster } from '@nobg/core'
import sharp from 'sharp'
import { composeCutout } from '../../../core/src/matting/compose.ts'
import { readTruths } from '../quality/truth.ts'
import type { Predictor } from './predictor.ts'

/** A cutout that scenes are made of. */
export interface Subject {
  name: string
  /** uint8, [height, width, 4], straight alpha, cropped to the subject. */
  cutout: Raster
  /** The sides of the photograph's frame that cut the subject. */
  touches: Set<Side>
}

type Side = 'left' | 'right' | 'top' | 'bottom'

/** A photograph, and where its subject is. */
export interface Photograph {
  name: string
  /** uint8, [height, width, 3]. */
  raster: Raster
  /** uint8, any size: the true alpha or, of a photograph without one, the prediction of IS-Net. */
  matte: Matte
  /** Whether the matte is the true alpha. */
  isTrue: boolean
}

/** Longest side of a photograph, px. */
const SIDE = 1024

/** Photographs whose predicted matte was looked at, and shows the subject whole and alone. */
const CLEAN = new Set([
  'astronaut',
  'autumn-hair-1.7mp',
  'bike-6mp',
  'car-0.7mp',
  'coffee',
  'curly-profile-1.7mp',
  'lion-1.6mp',
  'tiger-0.7mp',
  'woman-back-0.7mp',
])

/** Reads the photographs with a true alpha and those without. Returns an empty list if there are none. */
export async function readPhotographs(folder: string, predictor: Predictor): Promise<Photograph[]> {
  const truths = await readTruths(join(folder, 'truth'))
  const known = truths
    .filter(({ isComposite }) => !isComposite)
    .map(({ name, picture, width, height, alpha }): Photograph => {
      return {
        name,
        raster: { data: picture, width, height, channels: 3 },
        matte: { data: alpha, width, height },
        isTrue: true,
      }
    })
  const others: Photograph[] = []
  for (const path of await listPictures(folder)) {
    const raster = await readPicture(path)
    const matte = await predictor.predict('isnet', raster)
    others.push({ name: parse(path).name, raster, matte, isTrue: false })
  }
  return [...known, ...others]
}

async function listPictures(folder: string): Promise<string[]> {
  const folders = ['free', 'measure'].map(name => join(folder, 'photos', name))
  const names = await Promise.all(folders.map(path => readdir(path).catch((): string[] => [])))
  return folders.flatMap((path, i) =>
    names[i].filter(name => /\.(png|jpg)$/.test(name)).map(name => join(path, name)),
  )
}

async function readPicture(path: string): Promise<Raster> {
  const { data, info } = await sharp(path)
    .autoOrient()
    .removeAlpha()
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 }
}

/** Cuts the subjects out that a scene may show: by the true alpha, or by a matte that was looked at. */
export function cutSubjects(photographs: readonly Photograph[]): Subject[] {
  return photographs
    .filter(({ name, isTrue }) => isTrue || CLEAN.has(name))
    .map(({ name, raster, matte, isTrue }) => {
      const { raster: cutout, bounds } = composeCutout(
        { ...raster, data: raster.data.slice() },
        isTrue ? matte : { ...matte, data: matte.data.map(harden) },
        { matteUpsampling: 'guided', refineForeground: 'multi-level', crop: { margin: 0, unit: 'px' } },
      )
      const touches = new Set<Side>()
      const slack = 3
      if (bounds.left <= slack) touches.add('left')
      if (bounds.top <= slack) touches.add('top')
      if (bounds.left + bounds.width >= raster.width - slack) touches.add('right')
      if (bounds.top + bounds.height >= raster.height - slack) touches.add('bottom')
      return { name, cutout, touches }
    })
}

/** A predicted matte is never quite 0 or 1: alpha below 10 % and above 90 % is taken for that. */
function harden(alpha: number): number {
  return Math.min(255, Math.max(0, Math.round((alpha - 25.5) * 1.25)))
}
