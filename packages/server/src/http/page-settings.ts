/** Settings of the server that the page at `/` needs. */
export interface PageSettings {
  /** Whether calls need a key. */
  needsKey: boolean
  /** The default one first. */
  models: PageModel[]
}

/** A choice of the page's list of models. */
export interface PageModel {
  /** Value of `model` in a call. */
  value: string
  /** nobg's id of the model. */
  id: string
  /** Use, network, size, license, cost and training data: one phrase each; empty if nothing is known. */
  about: string[]
  /** The ids of the models that may run for this choice. Another model's cutout is a draft. */
  runs: string[]
}
