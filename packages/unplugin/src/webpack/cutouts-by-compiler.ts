import type { Cutouts } from '../core/cutouts.ts'

/** The cutouts of each compiler. The loader needs them, but its options in a request can only be text. */
export const cutoutsByCompiler: WeakMap<object, Cutouts> = new WeakMap()
