import type { Connect } from 'vite'
import { deliverCutout } from './deliver.ts'
import { fromServedUrl } from './served-path.ts'
import type { PluginState } from './state.ts'

/**
 * Middleware that makes a picture again when the browser asks for one that is gone: under a running server the cache may
 * be emptied, and the modules that name the file are not transformed anew for that.
 */
export function restorePictures(state: PluginState): Connect.NextHandleFunction {
  return async ({ url = '' }, _response, next) => {
    try {
      const planned = state.cutouts.find(fromServedUrl(state.config, url))
      if (planned)
        await deliverCutout(state, planned, { text: planned.label, importer: undefined }, undefined)
      next()
    } catch (error) {
      next(error)
    }
  }
}
