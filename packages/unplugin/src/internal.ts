// What doors in other packages, such as @nobg/astro, are built of.
export { declareImports, type ImportTypes } from './core/declare-imports.ts'
export { type Location, locateText } from './references/locate.ts'
export { parseReference, type Reference } from './references/reference.ts'
export { describeUnprocessed, findUnprocessed, type Output } from './references/unprocessed.ts'
