// For the plugins of other packages, such as @nobg/astro. These names may change in any release.
import '@nobg/core/check-node'

export { forCommonJs } from './core/common-js.ts'
export { report, reportUnprocessed, throwMessage } from './core/report-unprocessed.ts'
export { type Location, locateText } from './references/locate.ts'
export { blankQuotedCode } from './references/quoted-code.ts'
export { parseReference, type Reference } from './references/reference.ts'
export { findUnprocessed, type Output } from './references/unprocessed.ts'
export { findInWrittenFiles } from './references/written-files.ts'
export { declareProject, prepareDeclarations, writeDeclarations } from './types/declaration-file.ts'
export { declareEnds, listKnownEnds } from './types/declare-imports.ts'
export { findMarkedImports } from './types/find-imports.ts'
export { ASTRO, findProject } from './types/find-project.ts'
