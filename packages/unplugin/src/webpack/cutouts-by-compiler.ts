import type { Cutouts } from '../core/cutouts.ts'

const KEY = Symbol.for('unplugin-nobg.cutouts')

const holder = globalThis as { [KEY]?: WeakMap<object, Cutouts> }

/**
 * The cutouts of each compiler. The loader needs them, but its options in a request can only be text. Global, because a
 * compiler may load another copy of this module for the loader.
 */
export const cutoutsByCompiler: WeakMap<object, Cutouts> = holder[KEY] ?? new WeakMap()

holder[KEY] = cutoutsByCompiler
