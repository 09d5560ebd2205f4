// What doors in other packages, such as @nobg/astro, are built of.
export { declareImports, type ImportTypes } from './declare-imports.ts'
export { type Location, locateText } from './locate.ts'
export { parseReference, type Reference } from './reference.ts'
export { describeUnprocessed, findUnprocessed, type Output } from './unprocessed.ts'
