interface Group {
  /** Bytes by number of the part. */
  sizes: Map<number, number>
  /** Bytes of all parts. */
  sum: number
  /** Writes that have not ended. */
  writes: number
}

/**
 * Bytes of the stored files and of those that are being written: a file is a group of one part, an upload a group of its
 * parts. A part that is written again counts once.
 */
export interface StoredBytes {
  /** @returns bytes of all groups */
  total(): number
  /** @returns by how many bytes a part of this size makes its group larger; not negative */
  growth(group: string, part: number, size: number): number
  /** @returns bytes of a group after a part of this size */
  sumWith(group: string, part: number, size: number): number
  has(group: string, part: number): boolean
  /** @returns numbers of a group's parts */
  partsOf(group: string): number[]
  /** Counts a part from the start of its write on; no longer if the write fails. @throws the error of `write` */
  hold(group: string, part: number, size: number, write: () => Promise<void>): Promise<void>
  /** Counts a part that was found in the storage. */
  note(group: string, part: number, size: number): void
  /** No longer counts the parts of a group, or one part. */
  forget(group: string, part?: number): void
  /** @returns groups of which no part is being written */
  listSettled(): string[]
}

export function createStoredBytes(): StoredBytes {
  const groups = new Map<string, Group>()
  let total = 0

  const sizeOf = (name: string, part: number) => groups.get(name)?.sizes.get(part) ?? 0

  function note(name: string, part: number, size: number): Group {
    const group = groups.get(name) ?? { sizes: new Map(), sum: 0, writes: 0 }
    const grown = size - sizeOf(name, part)
    group.sizes.set(part, size)
    group.sum += grown
    total += grown
    groups.set(name, group)
    return group
  }

  function forget(name: string, part?: number): void {
    const group = groups.get(name)
    if (!group) return
    const removed = part === undefined ? group.sum : sizeOf(name, part)
    group.sum -= removed
    total -= removed
    if (part === undefined) group.sizes.clear()
    else group.sizes.delete(part)
    if (group.sizes.size === 0 && group.writes === 0) groups.delete(name)
  }

  return {
    total: () => total,
    growth: (name, part, size) => Math.max(0, size - sizeOf(name, part)),
    sumWith: (name, part, size) => (groups.get(name)?.sum ?? 0) + size - sizeOf(name, part),
    has: (name, part) => groups.get(name)?.sizes.has(part) ?? false,
    partsOf: name => [...(groups.get(name)?.sizes.keys() ?? [])],
    async hold(name, part, size, write) {
      const group = note(name, part, Math.max(size, sizeOf(name, part)))
      group.writes++
      try {
        await write()
        note(name, part, size)
        group.writes--
      } catch (error) {
        group.writes--
        forget(name, part)
        throw error
      }
    },
    note,
    forget,
    listSettled: () => [...groups].filter(([, { writes }]) => writes === 0).map(([name]) => name),
  }
}
