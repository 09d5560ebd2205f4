import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** A photograph whose alpha is known. */
export interface Truth {
  name: string
  /** uint8, [height, width, 3]: the input of the models. */
  picture: Uint8Array
  width: number
  height: number
  /** uint8, [height, width], alpha × 255. */
  alpha: Uint8Array
  /** uint8, [height, width, 3]: the true foreground, if it is known. */
  foreground?: Uint8Array
  /** Whether the picture is a composite of another picture's subject, and not a photograph. */
  isComposite?: boolean
}

/** Backgrounds of the composites. */
const plainColors = { green: [0, 177, 64], white: [255, 255, 255], slate: [60, 70, 90] } as const

/**
 * Reads `<name>.image.png` with `<name>.alpha.png` and, if it exists, `<name>.foreground.png`. A picture with a foreground
 * also gives a composite over each of three plain colors.
 *
 * @returns sorted by name; empty if the folder is missing
 */
export async function readTruths(folder: string): Promise<Truth[]> {
  const files = await readdir(folder).catch((): string[] => [])
  const names = files
    .flatMap(file => /^(.+)\.image\.png$/.exec(file)?.[1] ?? [])
    .filter(name => files.includes(`${name}.alpha.png`))
  const truths = await Promise.all(
    names.sort().map(async (name): Promise<Truth> => {
      const { data: picture, info } = await readColors(join(folder, `${name}.image.png`))
      const alpha = await sharp(join(folder, `${name}.alpha.png`))
        .removeAlpha()
        .extractChannel(0)
        .raw()
        .toBuffer()
      const foreground = files.includes(`${name}.foreground.png`)
        ? (await readColors(join(folder, `${name}.foreground.png`))).data
        : undefined
      return { name, picture, width: info.width, height: info.height, alpha, foreground }
    }),
  )
  return truths.flatMap(truth => [truth, ...composeOntoColors(truth)])
}

function readColors(path: string) {
  return sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
}

function composeOntoColors(truth: Truth): Truth[] {
  const { name, alpha, foreground } = truth
  if (!foreground) return []
  return Object.entries(plainColors).map(([color, levels]) => ({
    ...truth,
    name: `${name} on ${color}`,
    isComposite: true,
    picture: foreground.map((level, i) => {
      const share = alpha[Math.floor(i / 3)] / 255
      return Math.round(level * share + levels[i % 3] * (1 - share))
    }),
  }))
}
