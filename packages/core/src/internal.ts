// What the other packages of nobg build on. Not for users: these names may change in any release.
import './shared/check-node.ts'

// The only copy of zod: the packages that extend these schemas must use the same one.
export { z } from 'zod'

export { defaultCacheDir } from './cache/default-dir.ts'
export { SIDECAR_NAME } from './cache/layout.ts'
export { FRAGMENT_HINT, parseFlags, spellOption } from './options/parse.ts'
export { joinWords, type QueryWord, sortWords, splitQuery, suggestOption } from './options/query.ts'
export { optionNames, optionsSchema } from './options/schema.ts'
export { configSchema } from './pipeline/config.ts'
export { abbreviate, showValue } from './shared/abbreviate.ts'
export { copyWhole } from './shared/copy-file.ts'
export { firstLineOf } from './shared/errors.ts'
export { type FieldNames, field, isObject, oneOf, parseFields } from './shared/fields.ts'
export { digestBytesSync } from './shared/hash.ts'
export { acquireLock, describeHolder } from './shared/lock.ts'
export { makeDir } from './shared/make-dir.ts'
export { nameSource, readUrlName, toDisplayName } from './shared/names.ts'
export { findSuggestion } from './shared/suggest.ts'
export { findHome, userDir } from './shared/user-dir.ts'
export { type WriteOptions, writeWhole } from './shared/write-whole.ts'
