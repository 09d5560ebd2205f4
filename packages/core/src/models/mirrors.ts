import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import type { Model } from './table.ts'

/** One address from which a model's weights may be fetched. */
export interface Mirror {
  /** Without credentials: fetch refuses them in an address. */
  url: URL
  /** Basic authorization, where the address held credentials. */
  authorization?: string
  /** The address as it may be shown: no credentials, and no query, which may hold a signature. */
  label: string
}

/**
 * Where a model's weights may be fetched, in order: the private mirror, which keeps them as `<modelsUrl>/<id>.onnx`, as
 * the models' folder does, then the row's own addresses. None for a row that has none: a model of the user's own.
 *
 * @throws {NobgError} INVALID_OPTION where `modelsUrl` is no http: or https: address
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
