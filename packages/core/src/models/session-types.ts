import type { ExecutionProvider, Refusal } from '../shared/types.ts'

/** What a network said. */
export interface NetworkOutput {
  /** float32, [height, width], logits or probabilities as the model's row says. */
  data: Float32Array
  /** px */
  width: number
  /** px */
  height: number
}

/** Which execution provider gave an output. */
export interface Provided {
  executionProvider: ExecutionProvider
  /** Those that were tried before it, with their reasons. */
  refusals: Refusal[]
}

/** An open network. */
export interface Session {
  /**
   * Runs the network once. Blocks the thread it runs on for its whole length, as ONNX Runtime's binding does.
   *
   * @param input float32, [1, 3, height, width].
   * @returns the one output that is read, and the execution provider that gave it
   * @throws {NobgError} INFERENCE_FAILED
   */
  run(input: Float32Array, width: number, height: number): Promise<NetworkOutput & Provided>
  /** Gives its memory back; it cannot run any more. */
  release(): Promise<void>
}
