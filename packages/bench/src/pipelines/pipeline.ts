/** The models of the comparison. */
export type BenchModel = 'u2netp' | 'isnet'

/** A finished cutout. */
interface Cutting {
  /** The PNG file. */
  bytes: Uint8Array
  /** Wall time of each stage in ms, if the pipeline reports it. */
  stages?: Record<string, number>
}

/** A program that removes backgrounds. */
export interface Pipeline {
  /** Cuts out a file with the pipeline's defaults. */
  cut(path: string): Promise<Cutting>
  /** Cuts out a file and writes a PNG file, if the pipeline has such a function. */
  keep?(path: string): Promise<unknown>
  /** Makes the pipeline forget the picture; not measured. */
  forget?(path: string): Promise<void>
}
