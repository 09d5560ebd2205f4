import type { Connect } from 'vite'
import { deliverCutout } from './deliver.ts'
import { fromServedUrl } from './served-path.ts'
import type { PluginState } from './state.ts'

/**
 * Middleware that makes a requested picture again if its file is missing. If the cache is emptied while the server runs,
 * transformed modules still refer to its files.
 */
export function restorePictures(state: PluginState): Connect.NextHandleFunction {
  return async ({ url = '' }, _response, next) => {
    try {
      const planned = state.cutouts.find(fromServedUrl(state.config, url))
      if (planned) await deliverCutout(state, planned)
      next()
    } catch (error) {
      next(error)
    }
  }
}
