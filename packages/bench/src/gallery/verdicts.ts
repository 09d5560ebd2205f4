import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

/** What a person saw in the sheet of a picture and a model. */
interface Verdict {
  /** Digest of the matte that the person looked at. */
  matte: string
  /** One sentence. */
  text: string
}

/** Verdicts by picture and model. */
export type Verdicts = Record<string, Record<string, Verdict>>

const file = fileURLToPath(new URL('../../gallery/verdicts.json', import.meta.url))

export async function readVerdicts(): Promise<Verdicts> {
  return JSON.parse(await readFile(file, 'utf8'))
}

export async function writeVerdicts(verdicts: Verdicts): Promise<void> {
  await writeFile(file, `${JSON.stringify(verdicts, undefined, 2)}\n`)
}

/** The digest of a matte's pixels: 16 digits of their sha256. The encoding of the file does not matter. */
export async function digestMatte(mask: Buffer): Promise<string> {
  const { data, info } = await sharp(mask).extractChannel(0).raw().toBuffer({ resolveWithObject: true })
  return createHash('sha256').update(`${info.width}×${info.height} `).update(data).digest('hex').slice(0, 16)
}

/** Returns the sentence about a matte, or undefined if nobody looked at these pixels. */
export function findVerdict(
  verdicts: Verdicts,
  picture: string,
  model: string,
  matte: string,
): string | undefined {
  const verdict = verdicts[picture]?.[model]
  return verdict?.matte === matte ? verdict.text : undefined
}

/** The verdicts with the digests of the current mattes: after a person looked at the new sheets and the sentences still hold. */
export function confirmVerdicts(
  verdicts: Verdicts,
  mattes: readonly { picture: string; model: string; matte: string }[],
): Verdicts {
  const confirmed = structuredClone(verdicts)
  for (const { picture, model, matte } of mattes) {
    const verdict = confirmed[picture]?.[model]
    if (verdict) verdict.matte = matte
  }
  return confirmed
}
