import { cropRaster } from '../matting/bounds.ts'
import { fuseTiles } from '../matting/fuse.ts'
import { type LevelScale, readMatte } from '../matting/matte.ts'
import { createInputTensor } from '../matting/tensor.ts'
import type { Provided, RuntimeReport, Session } from '../models/session-types.ts'
import type { Model } from '../models/table.ts'
import type { Matte, Raster } from '../shared/types.ts'

export interface Prediction extends Provided {
  runtime: RuntimeReport
  /** uint8, [height, width] of the finest picture. */
  matte: Matte
  /** Wall time inside `InferenceSession.run`, ms. */
  inferenceMs: number
  /** Number of runs of the network. */
  passes: number
}

/** Called with the number of passes done and the total known so far. */
export type OnPass = (done: number, total: number) => void

/**
 * Predicts a matte. The network runs on the whole picture, then on the uncertain tiles of the finer pictures, one by one,
 * which takes no more memory than the first pass.
 *
 * @param pictures each uint8, [height, width, 3], sizes ascending: the network's input, then squares to run in tiles of its size
 * @throws {NobgError} INFERENCE_FAILED
 */
export async function predictMatte(
  session: Session,
  model: Model,
  [picture, ...finer]: readonly Raster[],
  onPass?: OnPass,
): Promise<Prediction> {
  let inferenceMs = 0
  let passes = 0
  let provided!: Provided
  async function runPass(part: Raster, known?: LevelScale) {
    const input = createInputTensor(part, model)
    const started = performance.now()
    const { data, width, height, ...ran } = await session.run(input, part.width, part.height)
    provided = ran
    inferenceMs += performance.now() - started
    passes++
    return readMatte(data, width, height, model.meaning, model.minMax, known)
  }

  const { levels, ...overview } = await runPass(picture)
  let matte: Matte = overview
  const tileSide = picture.width
  for (const raster of finer) {
    const fusion = fuseTiles(matte, raster.width, tileSide)
    const total = passes + fusion.tiles.length
    for (const tile of fusion.tiles) {
      onPass?.(passes, total)
      const part = cropRaster(raster, { ...tile, width: tileSide, height: tileSide })
      fusion.add(tile, await runPass(part, levels))
    }
    matte = fusion.read()
  }
  return { matte, inferenceMs, passes, runtime: session.runtime, ...provided }
}
