/** What the page at `/` must know of its server. */
export interface PageSettings {
  /** Whether calls need a key. */
  needsKey: boolean
  /** The default one first. */
  models: PageModel[]
}

/** A model to choose. */
export interface PageModel {
  /** As `model` has it in a call. */
  value: string
  /** nobg's id, as `model` has it elsewhere. */
  id: string
  /** `BiRefNet lite, 1024; 224 MB; MIT`; empty where nothing is known. */
  about: string
}
