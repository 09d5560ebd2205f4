// For the plugins of other packages, such as @nobg/astro. These names may change in any release.
import '@nobg/core/check-node'

export { forCommonJs } from './core/common-js.ts'
export { declareImports, type ImportTypes } from './core/declare-imports.ts'
export { report, reportUnprocessed, throwMessage } from './core/report-unprocessed.ts'
export { type Location, locateText } from './references/locate.ts'
export { parseReference, type Reference } from './references/reference.ts'
export { findUnprocessed, type Output } from './references/unprocessed.ts'
