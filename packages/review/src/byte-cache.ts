/** Values of known size, the least recently used of which are dropped. Concurrent calls for one key share one job. */
export interface ByteCache<Value> {
  /** Returns the value, and makes it if it is missing. A failure is not kept. */
  get(key: string, make: () => Promise<Value>): Promise<Value>
}

/** @param sizeOf size of a value in bytes. */
export function createByteCache<Value>(maxBytes: number, sizeOf: (value: Value) => number): ByteCache<Value> {
  const jobs = new Map<string, Promise<Value>>()
  const sizes = new Map<string, number>()
  let total = 0

  function drop(key: string): void {
    jobs.delete(key)
    total -= sizes.get(key) ?? 0
    sizes.delete(key)
  }

  async function run(key: string, make: () => Promise<Value>): Promise<Value> {
    try {
      const value = await make()
      sizes.set(key, sizeOf(value))
      total += sizeOf(value)
      for (const oldest of sizes.keys()) {
        if (total <= maxBytes || oldest === key) break
        drop(oldest)
      }
      return value
    } catch (error) {
      jobs.delete(key)
      throw error
    }
  }

  return {
    get(key, make) {
      const job = jobs.get(key) ?? run(key, make)
      jobs.set(key, job)
      const size = sizes.get(key)
      if (size !== undefined) {
        // A map lists its keys in the order of insertion: the least recently used is first.
        sizes.delete(key)
        sizes.set(key, size)
      }
      return job
    },
  }
}
