// Arithmetic on typed arrays that also runs in browsers: the brush of @nobg/review uses it. Not for users: these names may
// change in any release.
export { applyMatte } from './matting/apply.ts'
export { shrinkMatte } from './matting/shrink.ts'
