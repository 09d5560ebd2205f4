/** How large the parts are that have come here, by upload and number; in bytes. */
export function createPartSizes() {
  const uploads = new Map<string, Map<number, number>>()
  const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + size, 0)

  return {
    note(token: string, part: number, size: number) {
      const sizes = uploads.get(token) ?? new Map<number, number>()
      uploads.set(token, sizes.set(part, size))
    },
    forget: (token: string) => void uploads.delete(token),
    /** Of an upload, once a part has this size. */
    sumWith: (token: string, part: number, size: number) =>
      sum(new Map(uploads.get(token)).set(part, size).values()),
    /** Of all uploads. */
    total: () => sum([...uploads.values()].map(sizes => sum(sizes.values()))),
  }
}
