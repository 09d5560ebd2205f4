interface Upload {
  /** By number. */
  sizes: Map<number, number>
  /** Of all of them. */
  sum: number
}

/** How large the parts are that have come here, by upload and number; in bytes. */
export function createPartSizes() {
  const uploads = new Map<string, Upload>()
  let total = 0

  /** How much an upload grows with a part, which may replace itself. */
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
    /** Of an upload, once a part has this size. */
    sumWith(token: string, part: number, size: number) {
      const upload = uploads.get(token)
      return (upload?.sum ?? 0) + growth(upload, part, size)
    },
    /** Of all uploads. */
    total: () => total,
  }
}
