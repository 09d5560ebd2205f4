import { type Config, resolveConfig } from './config.ts'
import { createModelTable } from './models/find.ts'
import { type ModelLibrary, openModelLibrary } from './models/library.ts'
import { findSuggestion } from './options/names.ts'

/**
 * Opens the models that an engine of the same config would use, to list, pull, verify and remove their weights. Reads
 * nothing yet; of the config it takes what concerns weights: `modelsDir`, `download`, `modelsUrl`, `keepOriginalWeights`,
 * `models`, `timeoutMs` and `logger`.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function createModelLibrary(input?: Config): ModelLibrary {
  const config = resolveConfig(input)
  return openModelLibrary(createModelTable(config.models, findSuggestion), config)
}
