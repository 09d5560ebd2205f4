import { type Aim, atMost } from '../aim.ts'

/** Error of the colors under soft edges, in levels of 255: mean over all pictures. */
export interface RefinementError {
  /** Id of the model, or `the true alpha`. */
  matte: string
  /** Without refinement. */
  plain: number
  refined: number
}

/** Returns the aims for the refinement of colors. */
export function listRefinementAims(errors: readonly RefinementError[]): Aim[] {
  const ofTruth = errors.filter(({ matte }) => matte === 'the true alpha')
  return [
    atMost(
      1,
      'refinement makes colors under soft edges no worse (error ÷ error without refinement)',
      errors.map(({ matte, plain, refined }) => ({ where: matte, value: refined / plain })),
    ),
    atMost(
      0.52,
      'with the true alpha, the error of refined colors is at most 0.52 levels of 255',
      ofTruth.map(({ matte, refined }) => ({ where: matte, value: refined })),
    ),
  ]
}
