import type { Connect } from 'vite'
import { deliverCutout } from './deliver.ts'
import type { Door } from './door.ts'
import { fromServedUrl } from './served-path.ts'

/**
 * Middleware that makes a picture again when the browser asks for one that is gone: under a running server the cache may
 * be emptied, and the modules that name the file are not transformed anew for that.
 */
export function restorePictures(door: Door): Connect.NextHandleFunction {
  return async ({ url = '' }, _response, next) => {
    try {
      const planned = door.cutouts.find(fromServedUrl(door.config, url))
      if (planned) await deliverCutout(door, planned, { text: planned.label, importer: undefined }, undefined)
      next()
    } catch (error) {
      next(error)
    }
  }
}
