interface Upload {
  /** Bytes by number of the part. */
  sizes: Map<number, number>
  /** Bytes of all parts. */
  sum: number
}

/** Sizes in bytes of the parts that this process received, by upload and number. */
export function createPartSizes() {
  const uploads = new Map<string, Upload>()
  let total = 0

  /** By how much a part grows its upload. A part that is sent again replaces itself. */
  const growth = (upload: Upload | undefined, part: number, size: number) =>
    size - (upload?.sizes.get(part) ?? 0)

  return {
    note(token: string, part: number, size: number) {
      const upload = uploads.get(token) ?? { sizes: new Map(), sum: 0 }
      const grown = growth(upload, part, size)
      upload.sizes.set(part, size)
      upload.sum += grown
      total += grown
      uploads.set(token, upload)
    },
    forget(token: string) {
      total -= uploads.get(token)?.sum ?? 0
      uploads.delete(token)
    },
    /** @returns bytes of an upload after a part of this size */
    sumWith(token: string, part: number, size: number) {
      const upload = uploads.get(token)
      return (upload?.sum ?? 0) + growth(upload, part, size)
    },
    /** @returns bytes of all uploads */
    total: () => total,
  }
}
