/** Closes parts in the reverse order of their opening. (Node 22 has no AsyncDisposableStack.) */
export interface Closers {
  readonly isClosing: boolean
  add(close: () => unknown): void
  /** Closes one after the other, the last first, and goes on after a failure. @throws the first failure */
  close(): Promise<void>
}

export function createClosers(): Closers {
  const closers: (() => unknown)[] = []
  let closed: Promise<void> | undefined

  async function closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  return {
    get isClosing() {
      return closed !== undefined
    },
    add: close => void closers.push(close),
    close() {
      closed ??= closeAll()
      return closed
    },
  }
}
