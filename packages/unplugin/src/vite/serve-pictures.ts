import type { Connect } from 'vite'
import { holdRequest } from './hold-request.ts'
import { fromServedUrl } from './served-path.ts'
import type { PluginState } from './state.ts'

/** The request for a picture's module, which exports the address and needs no file. */
const MODULE_REQUEST = /[?&]import(?:[=&]|$)/

/**
 * Middleware that holds the request for a picture until the file exists. If the cache is emptied while the server runs, the
 * picture is made again.
 */
export function servePictures(state: PluginState): Connect.NextHandleFunction {
  return async (request, response, next) => {
    const { url = '' } = request
    const planned = MODULE_REQUEST.test(url)
      ? undefined
      : state.cutouts.find(fromServedUrl(state.config, url))
    if (!planned) return next()
    if ((await holdRequest(state, planned, request, response)) !== 'answered') next()
  }
}
