import { type Config, createRemover, type Matte, NobgError, type RasterInput, type Remover } from '@nobg/core'
import PQueue from 'p-queue'
import sharp, { type Sharp } from 'sharp'
import { encodeCarrier } from './carrier.ts'
import { follow } from './follow.ts'
import { awaitInput, type CutoutInput, isSharp, isStream, readPixels } from './input.ts'
import { closedIntake, openIntake, redirectBytes } from './intake.ts'
import { type CutoutOptions, type SplitOptions, splitOptions } from './options.ts'
import { promiseFile } from './pending.ts'

/** Takes what sharp takes: an input and options, options alone, or nothing. Without an input the image is piped in. */
export interface OpenImage {
  (options?: CutoutOptions): Sharp
  (input: CutoutInput, options?: CutoutOptions): Sharp
  (input: null | undefined, options: CutoutOptions): Sharp
}

/** `nobg` and `matte` with an engine of your own. */
export interface Nobg {
  nobg: OpenImage
  matte: OpenImage
  /** Ends the engine's workers and its store's connections. Unneeded at the end of a program without a shared store. */
  close(): Promise<void>
}

type Image = Exclude<CutoutInput, Sharp> | RasterInput
type MakePixels = (remover: Remover, image: Image, options: SplitOptions) => Promise<Buffer>

const makeCutout: MakePixels = async (remover, image, { options, run }) =>
  encodeCarrier((await remover.composeCutout(image, options, run)).raster)

const makeMatte: MakePixels = async (remover, image, { options, run }) => {
  const colourless = { ...options, refineForeground: false, outputMask: true }
  const { mask } = await remover.composeCutout(image, colourless, run)
  return encodeCarrier(mask as Matte)
}

/** `nobg` and `matte` over an engine that is fetched when the first picture is made. */
export function bindEngine(fetchRemover: () => Remover): Pick<Nobg, 'nobg' | 'matte'> {
  const takeTurn = createTurns(fetchRemover)
  const open = (make: MakePixels, given: unknown[]): Sharp => {
    const { input, options } = readArguments(given)
    return openImage(input, options, async (image, split) => {
      const remover = fetchRemover()
      if (!isSharp(image)) return make(remover, image, split)
      const facts = await awaitInput(image)
      return takeTurn(async () => {
        split.run.signal?.throwIfAborted()
        return make(remover, await readPixels(image, facts), split)
      })
    })
  }
  return {
    nobg: (...given: unknown[]) => open(makeCutout, given),
    // Else sharp makes three channels of one.
    matte: (...given: unknown[]) => open(makeMatte, given).toColourspace('b-w'),
  }
}

/**
 * Pixels of sharp instances lie in memory from here to the cutout, so few instances are read at a time: those that the engine
 * works on, and one more, for which the engine then need not wait.
 */
function createTurns(fetchRemover: () => Remover) {
  let turns: PQueue | undefined
  return <Value>(job: () => Promise<Value>): Promise<Value> => {
    turns ??= new PQueue({ concurrency: fetchRemover().concurrency + 1 })
    return turns.add(job)
  }
}

function openImage(
  input: CutoutInput | undefined,
  given: CutoutOptions,
  make: (image: CutoutInput, options: SplitOptions) => Promise<Buffer>,
): Sharp {
  const { options, run } = splitOptions(given)
  const piped = input === undefined ? openIntake() : undefined
  // The operations so far: what the caller chains to the same instance later is not meant.
  const image = isSharp(input) ? input.clone() : (input ?? (piped as NodeJS.ReadableStream))
  const instance = sharp()
  const makeFile = (signal: AbortSignal) => make(image, { options, run: { ...run, signal } })
  const pending = promiseFile(instance, makeFile, run.signal)
  redirectBytes(instance, piped ?? closedIntake(), pending)
  // A stream may fail before anybody asks, and must then find somebody listening.
  if (input !== undefined && isStream(input)) pending.start()
  return follow(instance, pending)
}

/** As with sharp, null or undefined before options means that the image is piped in. By itself it is an error. */
function readArguments(given: unknown[]): { input?: CutoutInput; options: CutoutOptions } {
  const [first, second = {}] = given
  if (given.length === 1 && first == null) {
    throw new NobgError('INVALID_SOURCE', `Expected an image, got ${first}.`, {
      hint: 'To pipe an image in, leave out the input: source.pipe(nobg({ model })).',
    })
  }
  if (given.length === 1 && isPlainObject(first)) return { options: first }
  return { input: (first ?? undefined) as CutoutInput | undefined, options: (second ?? {}) as CutoutOptions }
}

function isPlainObject(value: unknown): value is object {
  return value instanceof Object && Object.getPrototypeOf(value) === Object.prototype
}

/**
 * `nobg` and `matte` with a config, or with an engine that you share with others.
 *
 * ```ts
 * const { nobg } = createNobg({ cacheDir: '.cutouts', substitute: 'u2netp' })
 * ```
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL (of `substitute`)
 */
export function createNobg(engine: Config | Remover = {}): Nobg {
  const remover = 'composeCutout' in engine ? engine : createRemover(engine)
  return { ...bindEngine(() => remover), close: () => remover.close() }
}
