import type { Matte, Raster } from '@nobg/core'
import { createCache } from '../../../core/src/cache/cache.ts'
import { fileStore } from '../../../core/src/cache/file-store.ts'
import { decodeMatte } from '../../../core/src/image/matte-file.ts'
import { openRemover } from '../quality/trials.ts'

/** Predicts mattes, and keeps them in a folder for the next run. */
export interface Predictor extends AsyncDisposable {
  /**
   * Predicts a matte at the model's own resolution.
   *
   * @param picture uint8, [height, width, 3].
   * @returns the matte before it is enlarged: uint8, [height, width]
   */
  predict(model: string, picture: Raster): Promise<Matte>
}

/** Opens core's remover with the models of the quality measurement. */
export function openPredictor(cacheDir: string): Predictor {
  const remover = openRemover(cacheDir)
  const mattes = createCache({ namespace: 'mattes', store: fileStore({ dir: cacheDir }), logger: console })
  return {
    async predict(model, picture) {
      const options = { model, refineForeground: false, allowEmpty: true, matte: false } as const
      const { matteKey } = await remover.plan(picture, options)
      if (!(await mattes.get(matteKey))) await remover.composeCutout(picture, options)
      const entry = await mattes.get(matteKey)
      if (!entry) throw new Error(`Expected the matte ${matteKey} in ${cacheDir}, got none.`)
      return decodeMatte(entry.bytes)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([remover.close(), mattes.close()])
    },
  }
}
