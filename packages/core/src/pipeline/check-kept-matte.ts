import { readFile } from 'node:fs/promises'
import { decodeImage } from '../image/decode.ts'
import { decodeGivenMatte } from '../image/given-matte.ts'
import { isReviewed } from '../image/reviewed-mark.ts'
import { checkMatte, describeFinding } from '../matting/check-matte.ts'
import { NobgError } from '../shared/errors.ts'
import type { Finding } from '../shared/types.ts'

/**
 * Checks a kept matte against its photograph, without a model. A matte that is marked as reviewed has no findings.
 *
 * @param file absolute path of the matte
 * @param photograph absolute path of the photograph
 */
export async function checkKeptMatte(
  file: string,
  photograph: string,
  maxPixels: number | undefined,
): Promise<{ findings: Finding[]; error?: NobgError }> {
  try {
    const raster = await decodeImage(await readFile(photograph), { maxPixels })
    const settings = { picture: raster, allowSquare: true, maxPixels }
    const bytes = await readFile(file)
    const matte = await decodeGivenMatte(bytes, settings)
    if (await isReviewed(bytes, matte)) return { findings: [] }
    return { findings: checkMatte(matte, raster).map(describeFinding) }
  } catch (error) {
    if (!(error instanceof NobgError)) throw error
    return { findings: [], error }
  }
}
