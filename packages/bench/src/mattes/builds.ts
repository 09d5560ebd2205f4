/** A build of all pictures in a new process. */
export interface MatteBuild {
  title: string
  /** The folder of the cache, below the folder of the measurement. Empty for a cold build: it is removed before. */
  cache: string
  isCold: boolean
  /** Whether mattes are kept, or used if they are kept already. */
  keeps: boolean
  frozen: boolean
}

/** In the order in which they run: warm builds and the frozen one need what the builds before have written. */
export const builds = [
  { title: 'cold', cache: 'plain', isCold: true, keeps: false, frozen: false },
  { title: 'cold, mattes kept', cache: 'kept', isCold: true, keeps: true, frozen: false },
  { title: 'warm', cache: 'plain', isCold: false, keeps: false, frozen: false },
  { title: 'warm, mattes kept', cache: 'kept', isCold: false, keeps: true, frozen: false },
  { title: 'frozen, without a cache', cache: 'frozen', isCold: true, keeps: true, frozen: true },
] as const satisfies readonly MatteBuild[]

export type BuildTitle = (typeof builds)[number]['title']

/** Cost of a build. */
export interface BuildFigures {
  /** From the import of core to the last picture, ms. */
  wallMs: number
  /** CPU time of all threads and processes, ms. */
  cpuMs: number
  /** Peak resident memory of the process and its children, MB. */
  rssMb: number
}

/** What the parent tells the process of a build. */
export interface BuildOrder {
  /** Paths of the photographs. */
  pictures: string[]
  model: string
  root: string
  cacheDir: string
  mattes?: string
  frozen: boolean
}
