import type { CacheFigures } from './warm-cache.ts'

/** Describes the figures of the warm cache in one sentence. */
export function describeCache(cache: CacheFigures): string {
  const ms = (value: number) => `${value.toFixed(2)} ms`
  return (
    `Warm cache, ${cache.pictures} pictures in a new process, each: reading and hashing ${ms(cache.hashMs)}, first plan ` +
    `${ms(cache.planMs)} (hash included), second plan ${ms(cache.planAgainMs)}, ensure ${ms(cache.ensureMs)}; import ` +
    `and open ${ms(cache.openMs)} once; ${ms(cache.cpuMs)} CPU and ${cache.rssMb.toFixed(0)} MB in all; ` +
    `ONNX Runtime's libraries loaded: ${cache.runtimeLoaded.length}, child processes: ${cache.children}.`
  )
}
