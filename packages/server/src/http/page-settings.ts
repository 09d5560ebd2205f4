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
  /** `BiRefNet lite, 1024; 224 MB; MIT`; empty if nothing is known. */
  about: string
}
