import { type ModelLibrary, openModelLibrary } from '../models/library.ts'
import { createModelRegistry } from '../models/registry.ts'
import { type Config, resolveConfig } from './config.ts'

/**
 * Opens the library of models that a remover with the same config uses: lists, pulls, verifies and removes their weights.
 * Reads no file yet. The fields of the config that matter are `modelsDir`, `download`, `modelsUrl`, `weightsPrecision`,
 * `keepOriginalWeights`, `licenses`, `models`, `timeoutMs` and `logger`.
 *
 * @throws {NobgError} INVALID_OPTION
 */
export function createModelLibrary(input?: Config): ModelLibrary {
  const config = resolveConfig(input)
  return openModelLibrary(createModelRegistry(config.models, config.weightsPrecision), config)
}
