/** A long-lived process that cuts out pictures. */
export interface Host {
  /** Its name in the table. */
  title: string
  /** Id of the main process. */
  pid: number
  /** Requests a picture, and resolves when its cutout was received. @throws {Error} if there is none */
  cut(index: number): Promise<void>
  close(): Promise<void>
}

/** Fetches a picture. @throws {Error} for another status, or another kind of body */
export async function fetchPicture(url: string): Promise<Response> {
  const response = await fetch(url, { headers: { accept: 'image/*' } })
  const type = response.headers.get('content-type') ?? ''
  const { byteLength } = await response.arrayBuffer()
  if (response.ok && type.startsWith('image/') && byteLength > 0) return response
  throw new Error(`expected a picture at ${url}, got ${response.status}, ${type}, ${byteLength} bytes`)
}
