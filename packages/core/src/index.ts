import './shared/check-node.ts'
import { createRemover, type Remover } from './pipeline/remover.ts'
import type { RemovalOptions, RemovalResult } from './pipeline/results.ts'
import type { ImageInput } from './shared/types.ts'

export { type CacheVerification, type FileStore, fileStore } from './cache/file-store.ts'

export { tieredStore } from './cache/tiered-store.ts'
export type { ListedModel, ModelLibrary } from './models/library.ts'
export type { LocalModel } from './models/local.ts'
export type { MemoryMode } from './models/memory.ts'
export type { WeightsPrecision } from './models/registry.ts'
export { type Model, models } from './models/table.ts'
export { parseOptions } from './options/parse.ts'
export type { Options, OptionsInput } from './options/schema.ts'
export type { Config, Quality } from './pipeline/config.ts'
export {
  type CheckedMatte,
  createMatteLibrary,
  type ListedMatte,
  type MatteLibrary,
} from './pipeline/matte-library.ts'
export { createModelLibrary } from './pipeline/model-library.ts'
export type { Plan, PlannedFile } from './pipeline/plan.ts'
export type { MatteInput, PlannedMatte } from './pipeline/plan-matte.ts'
export { createRemover, type Remover } from './pipeline/remover.ts'
export type {
  ComposedCutout,
  CutoutFile,
  Picture,
  RemovalOptions,
  RemovalResult,
  RunInfo,
} from './pipeline/results.ts'
export { type ErrorCode, NobgError } from './shared/errors.ts'
export type {
  ExecutionProvider,
  Finding,
  FindingCode,
  ImageInput,
  Logger,
  Matte,
  Progress,
  Raster,
  RasterInput,
  RunOptions,
  Source,
  Timings,
} from './shared/types.ts'

let shared: Remover | undefined

/**
 * Removes the background of one image. All calls share one remover with the default config. Returns the encoded cutout in
 * memory: by default a PNG, sRGB, straight alpha, without metadata.
 *
 * ```ts
 * const { data } = await removeBackground('ada.jpg', { model: 'portrait' })
 * await writeFile('ada.png', data)
 * ```
 *
 * @throws {NobgError} the codes of {@link Remover.plan} and {@link Remover.ensure}
 */
export function removeBackground(image: ImageInput, options?: RemovalOptions): Promise<RemovalResult> {
  shared ??= createRemover()
  return shared.removeBackground(image, options)
}
