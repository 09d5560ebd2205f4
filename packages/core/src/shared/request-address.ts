/** An address for a request: `fetch` accepts no URL with credentials. */
export interface RequestAddress {
  /** Without user name and password. */
  url: URL
  /** For messages and logs: no credentials, and no query, which may hold a signature. */
  label: string
  /** Value of the header `authorization`; absent if the address has no credentials. */
  authorization?: string
}

/** Takes the credentials out of an address. */
export function splitCredentials(address: URL): RequestAddress {
  const url = new URL(address)
  const pair = `${decode(url.username)}:${decode(url.password)}`
  url.username = ''
  url.password = ''
  const label = `${url.origin}${url.pathname}${url.search ? '?…' : ''}`
  return pair === ':'
    ? { url, label }
    : { url, label, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
