import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { listOwnMattePaths } from '../mattes/own-matte.ts'
import { LEAST_ALPHA } from '../matting/bounds.ts'
import { NobgError } from '../shared/errors.ts'
import type { Size } from '../shared/types.ts'
import { writeWhole } from '../shared/write-whole.ts'
import { type Config, resolveConfig } from './config.ts'
import { openMattes } from './open-mattes.ts'
import type { Plan } from './plan.ts'

/** What is known about the file of a matte. */
interface MatteFacts {
  /** Absolute path; `undefined` if the matte is predicted and not kept. */
  file: string | undefined
  /** Whether nobg did not write the file, or somebody has changed its pixels since. */
  isByHand: boolean
  /** Whether a person has reviewed exactly these pixels. */
  isReviewed: boolean
}

/** Writes the mattes that a person corrects or reviews. */
export interface MatteEditor {
  /** Reads the file of a planned matte. Nothing is known about a damaged file. */
  describe(plan: Plan): Promise<MatteFacts>
  /**
   * Saves a corrected matte, marked as reviewed: in the folder of kept mattes or, if none is configured, as `ada.matte.png`
   * beside `ada.jpg`. It replaces the matte that the plan uses, and counts as made by hand.
   *
   * @param image any image that a matte may be: uint8, [byteLength].
   * @param picture size of the photograph, px.
   * @returns absolute path of the written file
   * @throws {NobgError} INVALID_MATTE if the image is unreadable, empty or of another aspect ratio, or if the matte that it
   *   would replace is no PNG beside the photograph
   */
  save(plan: Plan, image: Uint8Array, picture: Size): Promise<string>
  /**
   * Marks the matte that the plan uses as reviewed: its check has no findings until its pixels change.
   *
   * @returns absolute path of the written file
   * @throws {NobgError} INVALID_MATTE if there is no file of the matte, or the file is no PNG beside the photograph
   */
  review(plan: Plan): Promise<string>
}

/** Opens the editor of a project's mattes. Creates nothing. @throws {NobgError} INVALID_OPTION */
export function openMatteEditor(input: Config = {}): MatteEditor {
  const config = resolveConfig(input)
  const { kept } = openMattes(config)

  async function describe({ matte }: Plan): Promise<MatteFacts> {
    const { isPredictedMatte, isReviewed, readMatteFile } = await loadImages()
    const file = matte.origin === 'predicted' ? undefined : matte.source.path
    if (!file) return { file, isByHand: matte.origin === 'own', isReviewed: false }
    const bytes = await readFile(file)
    const pixels = await readMatteFile(bytes, config.maxPixels).catch(() => undefined)
    const isByHand = !(await isPredictedMatte(bytes))
    return { file, isByHand, isReviewed: pixels !== undefined && (await isReviewed(bytes, pixels)) }
  }

  async function save(plan: Plan, image: Uint8Array, picture: Size): Promise<string> {
    const { decodeGivenMatte, encodeMatte, markReviewed } = await loadImages()
    const { maxPixels } = config
    const matte = await decodeGivenMatte(image, { picture, allowSquare: false, maxPixels })
    if (!plan.options.allowEmpty && !matte.data.some(alpha => alpha >= LEAST_ALPHA)) throw refuseEmpty()
    const bytes = await markReviewed(await encodeMatte(matte, { isSmall: true }), matte)
    if (plan.matte.origin === 'predicted' && plan.matte.keep && kept)
      return kept.write(plan.matte.keep, bytes)
    const file = findWritable(plan)
    await writeWhole(file, bytes, { flush: true })
    return file
  }

  async function review(plan: Plan): Promise<string> {
    const { markReviewed, readMatteFile } = await loadImages()
    const { matte } = plan
    if (matte.origin === 'predicted') {
      throw new NobgError('INVALID_MATTE', 'Expected the file of a matte, got a matte that is not kept.', {
        hint: 'Accept the matte first: this writes the file. Or name a folder of kept mattes (`mattes`).',
      })
    }
    const file = findWritable(plan)
    const bytes = await readFile(file)
    const marked = await markReviewed(bytes, await readMatteFile(bytes, config.maxPixels))
    await writeWhole(file, marked, { flush: true })
    return file
  }

  return { describe, save, review }
}

/** Loads sharp. A program with a warm cache imports this module, and must not load sharp. */
async function loadImages() {
  const given = await import('../image/given-matte.ts')
  const files = await import('../image/matte-file.ts')
  return { ...given, ...files, ...(await import('../image/reviewed-mark.ts')) }
}

/** The file that the plan's matte has or will have. @throws {NobgError} INVALID_MATTE if nobg must not write it */
function findWritable({ source, matte }: Plan): string {
  if (matte.origin === 'kept' && matte.source.path) return matte.source.path
  const { path } = source
  if (!path) {
    throw new NobgError(
      'INVALID_MATTE',
      'Expected a photograph that is a file, got a photograph without a path.',
      {
        hint: 'Name a folder of kept mattes (`mattes`).',
      },
    )
  }
  const [besides] = listOwnMattePaths(path)
  if (matte.origin === 'predicted') return besides
  const file = matte.origin === 'own' ? matte.source.path : undefined
  if (file && listOwnMattePaths(path).includes(file) && extname(file).toLowerCase() === '.png') return file
  throw new NobgError(
    'INVALID_MATTE',
    `Expected the matte ${besides}, got ${file ?? 'a matte without a file'}.`,
    {
      hint: `Save the matte as ${basename(besides)} beside the photograph, or edit the file in an image editor.`,
    },
  )
}

function refuseEmpty(): NobgError {
  return new NobgError(
    'INVALID_MATTE',
    'Expected a matte with a subject, got a matte that is completely transparent.',
    {
      hint: 'Restore the subject with the brush, or set `allowEmpty` for this picture.',
    },
  )
}
