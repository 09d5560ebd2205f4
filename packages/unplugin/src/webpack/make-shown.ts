import type { Compiler } from 'webpack'
import type { Cutouts, PlannedCutout } from '../core/cutouts.ts'
import { type Drafts, isDraftOnly } from '../core/drafts.ts'

/** Makes the picture that a compiler shows. */
export type MakeShown = (planned: PlannedCutout) => Promise<ShownPicture>

/** A picture, or its draft while the weights of its model are missing. */
interface ShownPicture {
  shown: PlannedCutout
  /** Absolute path of the missing weights: the next compilation starts when the file exists. Undefined for a picture. */
  weights: string | undefined
}

/**
 * Creates the function that makes pictures. A compiler that watches and does not build for production shows drafts, and
 * downloads the weights in the background, if allowed.
 */
export function createMakeShown(compiler: Compiler, cutouts: Cutouts, drafts: Drafts): MakeShown {
  /** Files of the pictures whose weights are being downloaded. */
  const downloads = new Set<string>()

  function download(planned: PlannedCutout): void {
    const { file } = planned
    if (!drafts.mayDownload || downloads.has(file)) return
    downloads.add(file)
    cutouts
      .ensure(planned)
      .catch(error => drafts.reportFailure(planned, error))
      .finally(() => downloads.delete(file))
  }

  return async planned => {
    const isServer = compiler.watchMode && compiler.options.mode !== 'production'
    const draft = isServer ? await drafts.plan(planned) : undefined
    const weights = draft && (await cutouts.findMissingWeights(planned))
    if (draft && weights) {
      try {
        await cutouts.ensure(draft)
        download(planned)
        return { shown: draft, weights }
      } catch (error) {
        if (!isDraftOnly(error)) throw error
      }
    }
    await cutouts.ensure(planned)
    return { shown: planned, weights: undefined }
  }
}
