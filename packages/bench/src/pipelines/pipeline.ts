/** The models that pipelines are compared on. */
export type BenchModel = 'u2netp' | 'isnet'

/** A finished cut-out. */
interface Cutting {
  /** The PNG file. */
  bytes: Uint8Array
  /** Wall time of each stage, in ms, where the pipeline tells. */
  stages?: Record<string, number>
}

/** A program that removes backgrounds, its model loaded or not. */
export interface Pipeline {
  /** From a file to the bytes of a PNG, with the pipeline's own defaults. */
  cut(path: string): Promise<Cutting>
  /** From a file to a PNG file, where the pipeline has a way of its own to do so. */
  keep?(path: string): Promise<unknown>
  /** Makes the pipeline forget that it has seen the picture; not measured. */
  forget?(path: string): Promise<void>
}
