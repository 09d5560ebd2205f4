/** A graph of BiRefNet's published architecture, and its aims. */
export interface KnownGraph {
  /** Name of its file, without `.onnx`. */
  name: string
  /** Operating resolution in px. */
  side: number
  /** Aim: peak RSS of one run of the optimized graph, in GB (10⁹ bytes). */
  peakGb: number
  /** Work of the matrix products in one run, in 10⁹ floating-point operations; absent if it was not counted. */
  gigaflops?: number
}

export const knownGraphs: readonly KnownGraph[] = [
  { name: 'lite-1024', side: 1024, peakGb: 1.5, gigaflops: 652 },
  { name: 'general-1024', side: 1024, peakGb: 3.5 },
  { name: 'general-2048', side: 2048, peakGb: 4.5 },
]

/** Cost of one optimized graph. */
export interface GraphCost {
  name: string
  /** The least CPU time of a run with kept buffers, in ms. */
  runCpuMs: number
  /** The greatest resident memory of a run with freed buffers, in MB. */
  peakMb: number
  /** CPU time ÷ the CPU time that ONNX Runtime's dense MatMul takes for the same operations; absent if these were not counted. */
  overFloor?: number
}
