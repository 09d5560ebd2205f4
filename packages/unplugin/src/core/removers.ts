import { type Config, createRemover, type Remover } from '@nobg/core'

/**
 * Module-global, because a bundler creates a plugin for each build, environment and restart, and each remover holds models
 * in memory. Removers are never closed: an idle remover frees its memory and does not keep the process alive.
 */
const removers = new Map<string, Remover>()

/** Returns the remover for a config. Equal configs share a remover, except configs with a store. */
export function shareRemover(config: Config): Remover {
  const { store, logger: _, ...plain } = config
  if (store !== undefined) return createRemover(config)
  const { NOBG_SUBSTITUTE, NOBG_MODELS_DIR, NOBG_MODELS_URL, NOBG_OFFLINE } = process.env
  const key = JSON.stringify([plain, NOBG_SUBSTITUTE, NOBG_MODELS_DIR, NOBG_MODELS_URL, NOBG_OFFLINE])
  let remover = removers.get(key)
  if (!remover) {
    remover = createRemover(config)
    removers.set(key, remover)
  }
  return remover
}
