import type { Cutouts } from '../core/cutouts.ts'
import type { MakeShown } from './make-shown.ts'

const KEY = Symbol.for('unplugin-nobg.cutouts')

/** What nobg's loader needs of the plugin. */
interface CompilerCutouts {
  cutouts: Cutouts
  makeShown: MakeShown
}

const holder = globalThis as { [KEY]?: WeakMap<object, CompilerCutouts> }

/**
 * The cutouts of each compiler. The loader needs them, but its options in a request can only be text. Global, because a
 * compiler may load another copy of this module for the loader.
 */
export const cutoutsByCompiler: WeakMap<object, CompilerCutouts> = holder[KEY] ?? new WeakMap()

holder[KEY] = cutoutsByCompiler
