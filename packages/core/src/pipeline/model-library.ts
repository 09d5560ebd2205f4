import { type ModelLibrary, openModelLibrary } from '../models/library.ts'
import { createModelRegistry } from '../models/registry.ts'
import { findSuggestion } from '../shared/suggest.ts'
import { type Config, resolveConfig } from './config.ts'

/**
 * Opens the models that an engine of the same config would use, to list, pull, verify and remove their weights. Reads
 * nothing yet; of the config it takes what concerns weights: `modelsDir`, `download`, `modelsUrl`, `keepOriginalWeights`,
 * `models`, `timeoutMs` and `logger`.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function createModelLibrary(input?: Config): ModelLibrary {
  const config = resolveConfig(input)
  return openModelLibrary(createModelRegistry(config.models, findSuggestion), config)
}
