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
 * Removes the background of a picture in a sharp pipeline. Returns, at once, a sharp instance whose input is the cutout.
 *
 * ```ts
 * await nobg(sharp('in.jpg').autoOrient().resize(2000), { model: 'portrait' }).resize(400).webp().toFile('out.webp')
 * ```
 *
 * The cutout is sRGB with straight alpha, uint8, [height, width, 4], upright, without metadata. The output format is png unless
 * you name another format. The work starts when a method asks the instance for a result, or when it is read or written to.
 *
 * An input that is a sharp instance gives its pixels after its operations so far, and can still be used. Without an input, or
 * with null or undefined before the options, the image is piped in:
 * `source.pipe(nobg({ model: 'portrait' })).webp().pipe(destination)`.
 *
 * If the removal fails, every promise and callback of the instance and of its clones gets a `NobgError`, and a stream emits
 * `error`: SOURCE_NOT_FOUND, CORRUPT_IMAGE, UNKNOWN_MODEL, ABORTED and all other codes of core's `removeBackground`.
 *
 * @throws {NobgError} at once: INVALID_OPTION; INVALID_SOURCE if the only argument is null or undefined
 */
export const nobg: OpenImage = shared.nobg

/**
 * Predicts the mask of a picture. Returns, at once, a sharp instance with one grayscale channel: uint8, [height, width, 1],
 * 255 in the subject, with the size of the cutout. In all else it equals {@link nobg}. `refineForeground` has no effect.
 *
 * ```ts
 * const mask = await matte('in.jpg').toBuffer()
 * await sharp('in.jpg').joinChannel(mask).png().toFile('out.png')
 * ```
 *
 * @throws {NobgError} the codes of `nobg`
 */
export const matte: OpenImage = shared.matte
