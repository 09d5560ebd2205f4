import { createRemover, type Remover } from '@nobg/core'
import { bindEngine, type OpenImage } from './create.ts'

export { type Config, type ErrorCode, NobgError, type Progress } from '@nobg/core'
export { createNobg, type Nobg, type OpenImage } from './create.ts'
export type { CutoutInput } from './input.ts'
export type { CutoutOptions } from './options.ts'

let remover: Remover | undefined

const shared = bindEngine(() => {
  remover ??= createRemover()
  return remover
})

/**
 * Takes the background off a picture, in a sharp pipeline: an instance of sharp, at once, whose input is the cut-out.
 *
 * ```ts
 * await nobg(sharp('in.jpg').autoOrient().resize(2000), { model: 'portrait' }).resize(400).webp().toFile('out.webp')
 * ```
 *
 * The cut-out is sRGB with straight alpha, 8 bits a channel, upright, without metadata; `metadata()` says png, and so is
 * what comes out where no format is named. The work begins when the instance is asked for something, read, or written to.
 *
 * A sharp instance as input gives its pixels after the operations it has by now, and can be used on. Without an input the
 * image is piped in: `source.pipe(nobg({ model: 'portrait' })).webp().pipe(destination)`.
 *
 * Whatever goes wrong with the removal reaches each promise and callback of the instance and of its clones as a
 * `NobgError`, and as the event `error` whoever reads the stream: SOURCE_NOT_FOUND, CORRUPT_IMAGE, UNKNOWN_MODEL, ABORTED
 * and all that core's `removeBackground` throws.
 *
 * @throws {NobgError} at once INVALID_OPTION; INVALID_SOURCE where the input is null or undefined
 */
export const nobg: OpenImage = shared.nobg

/**
 * The mask of a picture: an instance of sharp, at once, with one greyscale channel in which white is subject, of the size
 * of the cut-out. Everything else is as with {@link nobg}; `refineForeground` has no effect.
 *
 * ```ts
 * const mask = await matte('in.jpg').toBuffer()
 * await sharp('in.jpg').joinChannel(mask).png().toFile('out.png')
 * ```
 *
 * @throws {NobgError} as `nobg` does
 */
export const matte: OpenImage = shared.matte
