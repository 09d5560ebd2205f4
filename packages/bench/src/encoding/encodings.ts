import type { Sharp } from 'sharp'

/** One way to encode a cutout. */
export interface Encoding {
  /** Settings as text. */
  title: string
  format: 'PNG' | 'WebP' | 'AVIF'
  /** Whether core, or a bundler, encodes with these settings. */
  isChosen: boolean
  encode: (image: Sharp) => Sharp
}

const list = <Value>(...values: Value[]) => values

function png(compressionLevel: number, adaptiveFiltering: boolean): Encoding {
  return {
    format: 'PNG',
    title: `level ${compressionLevel}${adaptiveFiltering ? ', adaptive filters' : ''}`,
    isChosen: compressionLevel === 3 && !adaptiveFiltering,
    encode: image => image.png({ compressionLevel, adaptiveFiltering, palette: false }),
  }
}

function webp(quality: number, effort: number, more: object = {}): Encoding {
  const isUsual = (quality === 80 || quality === 90) && effort === 2
  const title = [`quality ${quality}`, `effort ${effort}`, ...Object.entries(more).map(describe)].join(', ')
  const isChosen = isUsual && title.endsWith('effort 2, alphaQuality 90')
  return { format: 'WebP', title, isChosen, encode: image => image.webp({ quality, effort, ...more }) }
}

function losslessWebp(effort: number, more: object = {}): Encoding {
  const isChosen = effort === 0 && Object.keys(more).length === 0
  const title = ['lossless', `effort ${effort}`, ...Object.entries(more).map(describe)].join(', ')
  return { format: 'WebP', title, isChosen, encode: image => image.webp({ lossless: true, effort, ...more }) }
}

function avif(quality: number, effort: number, more: object = {}): Encoding {
  const isChosen = quality === 50 && effort === 2 && Object.keys(more).length === 0
  const title = [`quality ${quality}`, `effort ${effort}`, ...Object.entries(more).map(describe)].join(', ')
  return { format: 'AVIF', title, isChosen, encode: image => image.avif({ quality, effort, ...more }) }
}

function losslessAvif(effort: number): Encoding {
  return {
    format: 'AVIF',
    title: `lossless, effort ${effort}`,
    isChosen: effort === 0,
    encode: image => image.avif({ lossless: true, effort }),
  }
}

const describe = ([name, value]: [string, unknown]) => (value === true ? name : `${name} ${value}`)

/** All encodings of the table, in its order. */
export const encodings: readonly Encoding[] = [
  ...list(1, 2, 3, 4, 6, 9).map(level => png(level, false)),
  ...list(1, 2, 3, 6).map(level => png(level, true)),
  ...list(0, 1, 2, 3, 4, 5, 6).map(effort => webp(80, effort)),
  ...list(75, 85, 90, 95).map(quality => webp(quality, 2)),
  ...list(90, 80).map(alphaQuality => webp(80, 2, { alphaQuality })),
  webp(90, 2, { alphaQuality: 90 }),
  webp(80, 2, { smartSubsample: true }),
  webp(90, 2, { smartSubsample: true }),
  webp(90, 4, { smartSubsample: true }),
  webp(80, 2, { smartDeblock: true }),
  webp(80, 2, { exact: true }),
  ...list(0, 1, 2, 4).map(effort => losslessWebp(effort)),
  losslessWebp(0, { exact: true }),
  ...list(0, 1, 2, 3, 4, 6).map(effort => avif(50, effort)),
  ...list(40, 60, 70, 80).map(quality => avif(quality, 2)),
  avif(50, 2, { chromaSubsampling: '4:2:0' }),
  avif(50, 2, { bitdepth: 10 }),
  avif(50, 2, { tune: 'ssim' }),
  ...list(0, 2).map(losslessAvif),
]
