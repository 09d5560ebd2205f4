import type { OptionsInput } from './options/schema.ts'
import { createRemover, type Removal, type Remover } from './remover.ts'
import type { ImageInput, RunOptions } from './types.ts'

export { abbreviate, showValue } from './abbreviate.ts'
export { defaultCacheDir } from './cache/default-dir.ts'
export { type CacheVerification, type FileStore, fileStore } from './cache/file-store.ts'
export { SIDECAR_NAME } from './cache/layout.ts'
export { tieredStore } from './cache/tiered-store.ts'
export type { Config } from './config.ts'
export { copyAsNewFile } from './copy-file.ts'
export { type ErrorCode, NobgError } from './errors.ts'
export { makeFolder } from './folder.ts'
export { nameSource } from './image/source-name.ts'
export { acquireLock, describeHolder } from './lock.ts'
export { createModelLibrary } from './model-library.ts'
export type { ListedModel, ModelLibrary } from './models/library.ts'
export type { LocalModel } from './models/local.ts'
export type { MemoryMode } from './models/memory.ts'
export { type Model, models } from './models/table.ts'
export { parseFlags, parseJson, parseOptions, parseQuery, spellOption } from './options/doors.ts'
export { findSuggestion } from './options/names.ts'
export { type Options, type OptionsInput, optionNames, optionsSchema } from './options/schema.ts'
export type { Plan, PlannedFile } from './plan.ts'
export {
  type Account,
  type ComposedCutout,
  type CutoutFile,
  createRemover,
  type Picture,
  type Removal,
  type Remover,
} from './remover.ts'
export type {
  ExecutionProvider,
  ImageInput,
  Logger,
  Matte,
  Progress,
  Raster,
  RasterInput,
  RunOptions,
  Source,
  Timings,
} from './types.ts'
export { findHome, userDir } from './user-dir.ts'

let shared: Remover | undefined

/**
 * Cuts the subject out of one image with an engine of default config, opened at the first call.
 *
 * ```ts
 * const { data } = await removeBackground('ada.jpg', { model: 'portrait' })
 * await writeFile('ada.png', data)
 * ```
 *
 * @throws {NobgError} as {@link Remover.plan} and {@link Remover.ensure} do
 */
export function removeBackground(
  image: ImageInput,
  options?: OptionsInput,
  run?: RunOptions,
): Promise<Removal> {
  shared ??= createRemover()
  return shared.removeBackground(image, options, run)
}
