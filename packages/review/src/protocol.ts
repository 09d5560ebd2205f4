/** What the page and the server part send each other. Both import these types. */

/** A reason to look at a picture, or why the picture could not be made. */
export interface Notice {
  /** Permanent code of a finding or an error. */
  code: string
  message: string
  hint?: string
}

/** A picture of the project, as the page shows it. */
export interface PictureInfo {
  /** 16 hex digits. */
  id: string
  /** Name of the photograph's file. */
  name: string
  /** Path of the photograph from the project's root. */
  path: string
  /** Files that import the picture, from the project's root. */
  importedBy: string[]
  state: 'waiting' | 'checking' | 'ready' | 'failed'
  /** Changes when a preview of the picture changes. */
  version: string
  /** Id of the model that the picture asks for, after substitution. */
  model: string
  /** px */
  operatingResolution: number
  /** Where the matte comes from. */
  origin: 'own' | 'kept' | 'predicted'
  /** Path of the matte's file from the project's root, if there is one. */
  matteFile: string | undefined
  /** Whether a person made or changed the matte. */
  isByHand: boolean
  /** Whether a person has reviewed exactly these pixels. */
  isReviewed: boolean
  findings: Notice[]
  /** Why the picture could not be made, if `state` is `failed`. */
  error: Notice | undefined
}

/** Answer to `GET api/pictures`. */
export interface PictureList {
  /** To be sent as `since` with the next request. */
  revision: number
  /** The ids of all pictures, in the host's order. */
  ids: string[]
  /** The pictures that changed after `since`. */
  pictures: PictureInfo[]
}

/** A model that can be tried. */
export interface ModelChoice {
  id: string
  /** What the model is for, and its license. */
  about: string
  /** Whether trying the model downloads its weights first, and how large they are. */
  download: string | undefined
}

/** Answer to `GET api/settings`. */
export interface ReviewSettings {
  models: ModelChoice[]
  /** The folder of kept mattes from the project's root; `undefined`: mattes are written beside their photographs. */
  mattes: string | undefined
}

/** Options of a candidate, as the page sends them. */
export interface CandidateRequest {
  model: string
  /** px; absent: the model's own. */
  operatingResolution?: number
  matteUpsampling?: 'guided' | 'bilinear'
  refineForeground?: boolean
}

/** A matte that was predicted to compare it, and is not kept. */
export interface CandidateInfo {
  /** 16 hex digits. */
  id: string
  model: string
  /** px */
  operatingResolution: number
  findings: Notice[]
}

/** A line of the answer to `POST api/pictures/<id>/candidates`. */
export type CandidateEvent =
  | { type: 'progress'; text: string; done: number; total: number }
  | { type: 'candidate'; candidate: CandidateInfo }
  | { type: 'error'; error: Notice }

/** The request header that holds the page's token. */
export const TOKEN_HEADER = 'x-nobg-token'

/** Longest side of what the page shows and edits, px. */
export const EDIT_SIDE = 2048
