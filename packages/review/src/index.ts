import '@nobg/core/check-node'

export { createReview, type Review, type ReviewOptions } from './create-review.ts'
export type { ReviewedPicture } from './pictures.ts'
export { type ServedReview, serveReview, toListener } from './serve-review.ts'
