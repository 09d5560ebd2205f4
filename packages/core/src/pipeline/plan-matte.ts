import { basename } from 'node:path'
import type { SourceReader } from '../image/source.ts'
import type { KeptMattes } from '../mattes/kept-mattes.ts'
import { findOwnMatte } from '../mattes/own-matte.ts'
import type { KeptSubject } from '../mattes/place.ts'
import { NobgError } from '../shared/errors.ts'
import type { ImageInput, Source } from '../shared/types.ts'

/** Where a picture's matte comes from. */
export type PlannedMatte =
  /** A file or bytes of the user. */
  | { origin: 'own'; source: Source }
  /** A file in the folder of kept mattes, predicted or corrected by hand. */
  | { origin: 'kept'; source: Source }
  /** Predicted, unless it is in the cache. Then it is kept, if `keep` is set: at the absolute path `keepAt`. */
  | { origin: 'predicted'; keep?: KeptSubject; keepAt?: string }

/** The value of the option `matte`: an image, or `false` to ignore own and kept mattes. */
export type MatteInput = ImageInput | false

/** What finding a matte needs. */
export interface MatteSources {
  readSource: SourceReader
  /** The folder of kept mattes, if there is one. */
  kept: KeptMattes | undefined
  isFrozen: () => Promise<boolean>
  /** Whether the config says `frozen: true`: the variable NOBG_FROZEN then has no effect. */
  isFrozenByConfig: boolean
}

/** Finds the user's own matte: the option `matte`, or a file beside the photograph. @throws {NobgError} INVALID_MATTE */
export async function findGivenMatte(
  source: Source,
  input: MatteInput | undefined,
  readSource: SourceReader,
  signal: AbortSignal | undefined,
): Promise<PlannedMatte | undefined> {
  const given = input ?? (source.path && (await findOwnMatte(source.path)))
  if (!given) return undefined
  return { origin: 'own', source: await readMatte(source, given, readSource, signal) }
}

/**
 * Finds the kept matte of a photograph.
 *
 * @throws {NobgError} MATTE_MISSING if the build is frozen and there is none; INVALID_MATTE if it cannot be read
 */
export async function findKeptMatte(
  source: Source,
  subject: KeptSubject,
  mattes: MatteSources,
): Promise<PlannedMatte> {
  const { kept, readSource, isFrozen } = mattes
  const file = await kept?.find(subject)
  if (file) return { origin: 'kept', source: await readMatte(source, file, readSource) }
  if (await isFrozen()) throw await explainMissing(source, subject, mattes)
  return kept ? { origin: 'predicted', keep: subject, keepAt: kept.pathOf(subject) } : { origin: 'predicted' }
}

async function readMatte(
  picture: Source,
  matte: ImageInput,
  readSource: SourceReader,
  signal?: AbortSignal,
): Promise<Source> {
  try {
    return await readSource(matte, { signal })
  } catch (cause) {
    if (!(cause instanceof NobgError) || cause.code === 'ABORTED') throw cause
    const message = `The matte of ${nameOf(picture)}: ${cause.message}`
    const error = new NobgError('INVALID_MATTE', message, { hint: cause.hint, cause })
    error.source = picture.path
    if (typeof matte === 'string') error.matte = matte
    throw error
  }
}

async function explainMissing(
  source: Source,
  subject: KeptSubject,
  { kept, isFrozenByConfig }: MatteSources,
) {
  const { model, operatingResolution } = subject
  const outdated = (await kept?.listOutdated(subject)) ?? []
  const found =
    outdated.length > 0
      ? `only a matte of an earlier version of the photograph (${outdated.map(nameOfFile).join(', ')})`
      : 'none'
  const run = isFrozenByConfig
    ? 'Remove `frozen: true` (or the flag --frozen), run once with NOBG_FROZEN=0'
    : 'Run once with NOBG_FROZEN=0 (a build: NOBG_FROZEN=0 npm run build)'
  return new NobgError(
    'MATTE_MISSING',
    `Expected a kept matte of ${nameOf(source)} (model ${model}, ${operatingResolution} px), got ${found}. nobg is frozen and predicts no matte.`,
    {
      hint: kept
        ? `${run}, and commit the folder ${kept.dir}.`
        : `Name the folder of kept mattes (\`mattes\`). Or: ${run}.`,
    },
  )
}

function nameOf({ path, name }: Source): string {
  return path ?? name
}

function nameOfFile(path: string): string {
  return basename(path)
}
