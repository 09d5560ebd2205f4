import { readFile } from 'node:fs/promises'
import { decodeImage } from '../image/decode.ts'
import { decodeGivenMatte } from '../image/given-matte.ts'
import { checkMatte, describeFinding } from '../matting/check-matte.ts'
import { NobgError } from '../shared/errors.ts'
import type { Finding } from '../shared/types.ts'

/**
 * Checks a kept matte against its photograph, without a model.
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
    const matte = await decodeGivenMatte(await readFile(file), settings)
    return { findings: checkMatte(matte, raster).map(describeFinding) }
  } catch (error) {
    if (!(error instanceof NobgError)) throw error
    return { findings: [], error }
  }
}
