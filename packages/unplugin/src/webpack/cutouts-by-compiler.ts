import type { Cutouts } from '../core/cutouts.ts'

/** The pictures of each compiler, for the loader, which gets nothing but text handed over by the requests of modules. */
export const cutoutsByCompiler: WeakMap<object, Cutouts> = new WeakMap()
