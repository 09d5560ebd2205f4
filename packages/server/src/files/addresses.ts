/** The addresses of files that this server gives out, and recognises when they come back as an input. */
export interface Addresses {
  /** @param fileName for people: the address ends in it. */
  ofFile(token: string, fileName: string): string
  ofUpload(token: string): string
  ofRequest(id: string): { response_url: string; status_url: string; cancel_url: string }
  /** The token in an address of {@link ofFile}; undefined for any other address. */
  readToken(address: string): string | undefined
}

/** @param publicUrl asked anew each time, since a listening address is known only then; without a slash at its end. */
export function createAddresses(publicUrl: () => string): Addresses {
  return {
    ofFile: (token, fileName) => `${publicUrl()}/files/${token}/${encodeURIComponent(fileName)}`,
    ofUpload: token => `${publicUrl()}/uploads/${token}`,
    ofRequest(id) {
      const address = `${publicUrl()}/queue.fal.run/fal-ai/birefnet/requests/${id}`
      return { response_url: address, status_url: `${address}/status`, cancel_url: `${address}/cancel` }
    },
    readToken(address) {
      // Parsed, both: letters and ports have several spellings.
      const start = new URL(`${publicUrl()}/files/`).href
      const { href = '' } = URL.parse(address) ?? {}
      return href.startsWith(start) ? href.slice(start.length).split(/[/?#]/)[0] : undefined
    },
  }
}
