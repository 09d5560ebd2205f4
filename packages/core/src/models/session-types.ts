import type { ExecutionProvider, ProviderRefusal } from '../shared/types.ts'

/** The output of one run of a network. */
export interface NetworkOutput {
  /** float32, [height, width]: logits or probabilities, see `Model.meaning`. */
  data: Float32Array
  /** px */
  width: number
  /** px */
  height: number
}

/** The package of ONNX Runtime that runs a network. */
export interface RuntimeReport {
  /** Name of the package. */
  name: string
  version: string
  /** Whether the package is the WebAssembly build. */
  isWasm: boolean
  /** Packages that are installed and failed to load before, each with the reason, one line. */
  failures: string[]
}

/** The execution provider that computed an output. */
export interface Provided {
  executionProvider: ExecutionProvider
  /** Execution providers that failed before, with the reasons. */
  refusals: ProviderRefusal[]
}

/** A network that is loaded and can run. */
export interface Session {
  runtime: RuntimeReport
  /**
   * Runs the network once. Blocks its thread until the end, as ONNX Runtime's binding does.
   *
   * @param input float32, [1, 3, height, width], RGB
   * @returns the model's output, and the execution provider that computed it
   * @throws {NobgError} INFERENCE_FAILED
   */
  run(input: Float32Array, width: number, height: number): Promise<NetworkOutput & Provided>
  /** Frees the memory. The session cannot run afterwards. */
  release(): Promise<void>
}
