/** Bytes in which marks are searched for. */
const SEARCHED_BYTES = 64 * 1024

/**
 * Whether a file has marks of a merge conflict, which git leaves in a file that it takes for text: also below the first line of
 * a Git LFS pointer, after a byte order mark, and within the bytes of a picture.
 */
export function hasMergeMarks(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(0, SEARCHED_BYTES)).toString('latin1')
  return /(?:^|[\r\n]|\xef\xbb\xbf)<<<<<<< /.test(text)
}
