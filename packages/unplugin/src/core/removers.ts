import { type Config, createRemover, type Remover } from '@nobg/core'

/** The environment variables that core reads for a config. */
const VARIABLES = [
  'NOBG_SUBSTITUTE',
  'NOBG_MODELS_DIR',
  'NOBG_MODELS_URL',
  'NOBG_OFFLINE',
  'NOBG_MATTES',
  'NOBG_FROZEN',
  'CI',
]

/**
 * Module-global, because a bundler creates a plugin for each build, environment and restart, and each remover holds models
 * in memory. Removers are never closed: an idle remover frees its memory and does not keep the process alive.
 */
const removers = new Map<string, Remover>()

/** Returns the remover for a config. Equal configs share a remover, except configs with a store. */
export function shareRemover(config: Config): Remover {
  const { store, logger: _, ...plain } = config
  if (store !== undefined) return createRemover(config)
  const variables = VARIABLES.map(name => process.env[name])
  const key = JSON.stringify([plain, variables])
  let remover = removers.get(key)
  if (!remover) {
    remover = createRemover(config)
    removers.set(key, remover)
  }
  return remover
}
