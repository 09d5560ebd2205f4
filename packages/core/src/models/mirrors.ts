import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { type RequestAddress, splitCredentials } from '../shared/request-address.ts'
import type { Model } from './table.ts'

/** One address from which a model's weights may be fetched. */
export type Mirror = RequestAddress

/**
 * Lists the addresses of a model's weights in order: `<modelsUrl>/<id>.onnx` of the private mirror, then the addresses of
 * the model. Empty for a model without addresses, such as a user's model.
 *
 * @throws {NobgError} INVALID_OPTION if `modelsUrl` is no http: or https: address
 */
export function listMirrors({ id, urls }: Model, modelsUrl?: string): Mirror[] {
  if (urls.length === 0) return []
  return [...(modelsUrl ? [joinName(modelsUrl, `${id}.onnx`)] : []), ...urls.map(parseUrl)].map(
    splitCredentials,
  )
}

function joinName(modelsUrl: string, name: string): URL {
  const url = parseUrl(modelsUrl)
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/${name}`
  return url
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new NobgError(
    'INVALID_OPTION',
    `Expected an http: or https: URL of weights, got ${showValue(text)}.`,
    {
      hint: 'Correct `modelsUrl` in the config, or NOBG_MODELS_URL.',
    },
  )
}
