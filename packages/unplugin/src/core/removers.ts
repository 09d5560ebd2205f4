import { type Config, createRemover, type Remover } from '@nobg/core'

/**
 * Module-global, because a bundler makes a plugin anew for each build, environment and restart, and every engine holds
 * models in memory. Engines are never closed: an idle one gives its memory back and keeps no process alive.
 */
const removers = new Map<string, Remover>()

/** The engine for a config: equal configs share one. A store is an identity of its own and is not shared. */
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
