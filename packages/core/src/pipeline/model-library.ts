import { type ModelLibrary, openModelLibrary } from '../models/library.ts'
import { createModelRegistry } from '../models/registry.ts'
import { findSuggestion } from '../shared/suggest.ts'
import { type Config, resolveConfig } from './config.ts'

/**
 * Creates a library of the models that a remover with this config uses: to list, pull, verify and remove weights. It
 * reads `modelsDir`, `download`, `modelsUrl`, `keepOriginalWeights`, `models`, `timeoutMs` and `logger` of the config,
 * and does not access the disk yet.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function createModelLibrary(input?: Config): ModelLibrary {
  const config = resolveConfig(input)
  return openModelLibrary(createModelRegistry(config.models, findSuggestion), config)
}
