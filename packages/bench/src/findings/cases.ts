import type { Matte, Raster } from '@nobg/core'
import { checkMatte, type RawFinding } from '../../../core/src/matting/check-matte.ts'
import { type Label, labelAgreement, measureAgreement } from './agreement.ts'
import type { Predictor } from './predictor.ts'
import { makeScenes } from './scenes.ts'
import { cutSubjects, type Photograph } from './subjects.ts'

/** Limits are chosen on one half of the subjects; the other half is only reported. */
export type Half = 'choose' | 'report'

/** A matte whose error is known, and what the check finds in it. */
export interface Case {
  name: string
  half: Half
  /** Id of the model, or `true` for the true alpha itself. */
  model: string
  label: Label
  findings: RawFinding[]
  /** Intersection over union with the matte of the other model, if both have seen the picture. */
  iouOfModels?: number
}

/** A picture with a true alpha. */
interface Known {
  name: string
  subject: string
  picture: Raster
  truth: Matte
  /** Position in the list, which decides whether the slow model sees it. */
  turn: number
}

/** IS-Net takes several times as long as u2netp: it sees one scene in four, and every photograph. */
const SLOW_SHARE = 4

interface JudgeOptions {
  /** Scenes of each subject. */
  count: number
  /** Whether the slow model sees all scenes, so that both models can be compared. */
  seesAll: boolean
}

/** Makes the scenes, predicts and checks the mattes of all pictures with a true alpha. */
export async function judgeCases(
  photographs: readonly Photograph[],
  predictor: Predictor,
  { count, seesAll }: JudgeOptions,
  note: (line: string) => void,
): Promise<Case[]> {
  const subjects = cutSubjects(photographs)
  const half = new Map(
    subjects
      .map(({ name }) => name)
      .sort()
      .map((name, i): [string, Half] => [name, i % 2 === 0 ? 'choose' : 'report']),
  )
  const scenes = await makeScenes(subjects, photographs, count)
  const known: Known[] = [
    ...photographs
      .filter(({ isTrue }) => isTrue)
      .map(({ name, raster, matte }) => ({ name, subject: name, picture: raster, truth: matte, turn: 0 })),
    ...scenes.map((scene, i) => ({ ...scene, turn: (i % count) + Math.floor(i / count) })),
  ]
  const cases: Case[] = []
  for (const [i, { name, subject, picture, truth, turn }] of known.entries()) {
    const u2netp = await predictor.predict('u2netp', picture)
    const isnet = seesAll || turn % SLOW_SHARE === 0 ? await predictor.predict('isnet', picture) : undefined
    const iouOfModels = isnet && measureAgreement(u2netp, isnet).iou
    for (const [model, matte] of Object.entries({ true: truth, u2netp, isnet })) {
      if (!matte) continue
      const label = labelAgreement(measureAgreement(matte, truth))
      const findings = checkMatte(matte, picture)
      cases.push({ name, half: half.get(subject) ?? 'report', model, label, findings, iouOfModels })
    }
    if (i % 20 === 0) note(`${i} of ${known.length} pictures`)
  }
  return cases
}
