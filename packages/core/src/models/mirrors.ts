import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import type { Model } from './table.ts'

/** One address from which a model's weights may be fetched. */
export interface Mirror {
  /** Without credentials, which fetch refuses in an address. */
  url: URL
  /** Basic authorization, if the address has credentials. */
  authorization?: string
  /** The address for messages, without credentials and without the query, which may hold a signature. */
  label: string
}

/**
 * Lists the addresses of a model's weights in order: `<modelsUrl>/<id>.onnx` of the private mirror, then the addresses of
 * the model. Empty for a model without addresses, such as a user's model.
 *
 * @throws {NobgError} INVALID_OPTION if `modelsUrl` is no http: or https: address
 */
export function listMirrors({ id, urls }: Model, modelsUrl?: string): Mirror[] {
  if (urls.length === 0) return []
  return [...(modelsUrl ? [joinName(modelsUrl, `${id}.onnx`)] : []), ...urls.map(parseUrl)].map(
    describeMirror,
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
    `Expected an http: or https: address of weights, got ${showValue(text)}.`,
    {
      hint: 'Correct `modelsUrl` in the config, or NOBG_MODELS_URL.',
    },
  )
}

function describeMirror(address: URL): Mirror {
  const url = new URL(address)
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  const label = `${url.origin}${url.pathname}${url.search ? '?…' : ''}`
  if (pair === ':') return { url, label }
  return { url, label, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
