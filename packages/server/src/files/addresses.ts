/** The addresses in this server's answers. */
export interface Addresses {
  /** @param fileName readable name, the last segment of the address. */
  ofFile(token: string, fileName: string): string
  ofUpload(token: string): string
  /** Base of the uploads of fal's Python client. */
  ofCdn(): string
  ofRequest(id: string): { response_url: string; status_url: string; cancel_url: string }
  /** @returns the token in an address of {@link ofFile}; undefined for any other address */
  readToken(address: string): string | undefined
}

/** @param publicUrl address of the server without a slash at its end; called each time, because it is known only after `listen`. */
export function createAddresses(publicUrl: () => string): Addresses {
  return {
    ofFile: (token, fileName) => `${publicUrl()}/files/${token}/${encodeURIComponent(fileName)}`,
    ofUpload: token => `${publicUrl()}/uploads/${token}`,
    ofCdn: () => `${publicUrl()}/cdn`,
    ofRequest(id) {
      const address = `${publicUrl()}/queue.fal.run/fal-ai/birefnet/requests/${id}`
      return { response_url: address, status_url: `${address}/status`, cancel_url: `${address}/cancel` }
    },
    readToken(address) {
      // Both are parsed: hosts and ports have several spellings.
      const start = new URL(`${publicUrl()}/files/`).href
      const { href = '' } = URL.parse(address) ?? {}
      return href.startsWith(start) ? href.slice(start.length).split(/[/?#]/)[0] : undefined
    },
  }
}
