import { type Config, createRemover, type Matte, NobgError, type RasterInput, type Remover } from '@nobg/core'
import PQueue from 'p-queue'
import sharp, { type Sharp } from 'sharp'
import { encodePng } from './encode-png.ts'
import { follow } from './follow.ts'
import { awaitInput, type CutoutInput, isSharp, isStream, readMatte, readPixels } from './input.ts'
import { closedIntake, openIntake, redirectBytes } from './intake.ts'
import { type CutoutOptions, type SplitOptions, splitOptions } from './options.ts'
import { promiseFile } from './pending.ts'

/** A function with sharp's arguments: an input and options, options alone, or nothing. Without an input the image is piped in. */
export interface OpenImage {
  (options?: CutoutOptions): Sharp
  (input: CutoutInput, options?: CutoutOptions): Sharp
  (input: null | undefined, options: CutoutOptions): Sharp
}

/** `nobg` and `matte` with their own remover. */
export interface Nobg {
  nobg: OpenImage
  matte: OpenImage
  /** Ends the workers of the remover and the connections of its store. Before the end of a program, call it only if the store is shared. */
  close(): Promise<void>
}

type Image = Exclude<CutoutInput, Sharp> | RasterInput
type MakePixels = (remover: Remover, image: Image, options: SplitOptions) => Promise<Buffer>

const makeCutout: MakePixels = async (remover, image, { options, matte, run }) =>
  encodePng(
    (await remover.composeCutout(image, { ...options, matte: await readMatte(matte), ...run })).raster,
  )

const makeMatte: MakePixels = async (remover, image, { options, matte, run }) => {
  const own = { matte: await readMatte(matte), ...run }
  const maskOptions = { ...options, ...own, refineForeground: false, outputMask: true }
  const { mask } = await remover.composeCutout(image, maskOptions)
  return encodePng(mask as Matte)
}

/** `nobg` and `matte` with a remover that is created for the first picture. */
export function bindEngine(fetchRemover: () => Remover): Pick<Nobg, 'nobg' | 'matte'> {
  const enqueue = createDecodeQueue(fetchRemover)
  const open = (make: MakePixels, given: unknown[]): Sharp => {
    const { input, options } = readArguments(given)
    return openImage(input, options, async (image, split) => {
      const remover = fetchRemover()
      if (!isSharp(image)) return make(remover, image, split)
      const facts = await awaitInput(image)
      return enqueue(async () => {
        split.run.signal?.throwIfAborted()
        return make(remover, await readPixels(image, facts), split)
      })
    })
  }
  return {
    nobg: (...given: unknown[]) => open(makeCutout, given),
    // Otherwise sharp writes three channels.
    matte: (...given: unknown[]) => open(makeMatte, given).toColourspace('b-w'),
  }
}

/**
 * Limits how many sharp instances are decoded at a time, because their pixels stay in memory until the cutout is done: as many as
 * the remover processes, and one more, so that the remover does not wait.
 */
function createDecodeQueue(fetchRemover: () => Remover) {
  let queue: PQueue | undefined
  return <Value>(job: () => Promise<Value>): Promise<Value> => {
    queue ??= new PQueue({ concurrency: fetchRemover().concurrency + 1 })
    return queue.add(job)
  }
}

function openImage(
  input: CutoutInput | undefined,
  given: CutoutOptions,
  make: (image: CutoutInput, options: SplitOptions) => Promise<Buffer>,
): Sharp {
  const { options, matte: givenMatte, run } = splitOptions(given)
  const matte = isSharp(givenMatte) ? givenMatte.clone() : givenMatte
  const piped = input === undefined ? openIntake() : undefined
  // A clone keeps the operations so far; the caller may chain others to the instance later.
  const image = isSharp(input) ? input.clone() : (input ?? (piped as NodeJS.ReadableStream))
  const instance = sharp()
  const makeFile = (signal: AbortSignal) => make(image, { options, matte, run: { ...run, signal } })
  const pending = promiseFile(instance, makeFile, run.signal)
  redirectBytes(instance, piped ?? closedIntake(), pending)
  // A stream may fail before a method is called, and needs an error listener then.
  if (input !== undefined && isStream(input)) pending.start()
  return follow(instance, pending)
}

/** As with sharp, null or undefined before options means that the image is piped in. By itself it is an error. */
function readArguments(given: unknown[]): { input?: CutoutInput; options: CutoutOptions } {
  const [first, second] = given
  if (given.length === 1 && first == null) {
    throw new NobgError('INVALID_SOURCE', `Expected an image, got ${first}.`, {
      hint: 'To pipe an image in, leave out the input: source.pipe(nobg({ model })).',
    })
  }
  refuseForeign(first)
  if (given.length === 1 && isPlainObject(first)) return { options: first }
  return { input: (first ?? undefined) as CutoutInput | undefined, options: (second ?? {}) as CutoutOptions }
}

/** Refuses values that users may take for an input: an array of images, a promise, decoded pixels. */
function refuseForeign(given: unknown): void {
  const refuse = (received: string, hint: string) =>
    new NobgError('INVALID_SOURCE', `Expected an image, got ${received}.`, { hint })
  if (Array.isArray(given))
    throw refuse(
      'an array',
      'Call nobg for each image, or let sharp join them: nobg(sharp(images, { join })).',
    )
  if (given instanceof Promise) throw refuse('a promise', 'Write nobg(await image).')
  if (isPlainObject(given) && 'data' in given)
    throw refuse(
      'decoded pixels',
      'Give them to sharp: nobg(sharp(data, { raw: { width, height, channels } })).',
    )
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Returns `nobg` and `matte` with a config, or with a remover that you created.
 *
 * ```ts
 * const { nobg } = createNobg({ cacheDir: '.cutouts', substitute: 'u2netp' })
 * ```
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`)
 */
export function createNobg(engine: Config | Remover = {}): Nobg {
  if (typeof engine !== 'object' || engine === null) {
    const received = engine === null ? 'null' : `a ${typeof engine}`
    throw new NobgError('INVALID_OPTION', `Expected a config or a remover, got ${received}.`, {
      hint: "Write createNobg({ cacheDir: '.cutouts' }).",
    })
  }
  const remover = 'composeCutout' in engine ? engine : createRemover(engine)
  return { ...bindEngine(() => remover), close: () => remover.close() }
}
