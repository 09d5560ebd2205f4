import type { Finding, FindingCode, Matte, Raster } from '../shared/types.ts'
import { type MatteFigures, measureMatte } from './measure-matte.ts'

/** A finding as its code and figure, which are small and safe to store: the message is made from them. */
export interface RawFinding {
  code: FindingCode
  /** Share in [0,1]; 0 for MATTE_EMPTY. */
  figure: number
}

interface Rule {
  /** The figure that the rule judges. */
  figure: keyof MatteFigures
  isFound: (figure: number, figures: MatteFigures) => boolean
  /** @param percent the figure in percent */
  describe: (percent: string) => string
}

/**
 * The rules. Their limits are those at which nearly no good matte is flagged; docs/quality.md says how they were chosen and
 * what they catch.
 */
const RULES: Record<FindingCode, Rule> = {
  MATTE_EMPTY: {
    figure: 'visible',
    isFound: visible => visible === 0,
    describe: () => 'The matte is empty: it shows no subject.',
  },
  MATTE_NEARLY_EMPTY: {
    figure: 'visible',
    isFound: visible => visible > 0 && visible < 0.004,
    describe: percent => `The subject is tiny: ${percent} of the picture.`,
  },
  MATTE_FULL: {
    figure: 'solid',
    isFound: solid => solid > 0.98,
    describe: percent =>
      `The matte covers everything: ${percent} of the picture, so hardly any background is removed.`,
  },
  MATTE_HOLLOW: {
    figure: 'hollow',
    isFound: hollow => hollow > 0.8,
    describe: percent => `The subject has holes: ${percent} of its interior is not opaque.`,
  },
  MATTE_UNSURE: {
    figure: 'unsure',
    isFound: unsure => unsure > 0.12,
    describe: percent =>
      `Large areas are translucent: ${percent} of the matte is neither opaque nor transparent.`,
  },
  MATTE_HAZY: {
    figure: 'hazy',
    isFound: hazy => hazy > 0.05,
    describe: percent =>
      `The background is not fully transparent: ${percent} of the matte has faint alpha far from the subject.`,
  },
  MATTE_SCATTERED: {
    figure: 'scattered',
    isFound: scattered => scattered > 0.05,
    describe: percent => `The subject is in pieces: ${percent} of the subject is outside the largest piece.`,
  },
  MATTE_CUT_OFF: {
    figure: 'cut',
    isFound: cut => cut > 0.1,
    describe: percent =>
      `The matte ends in a straight line near the edge of the image, along ${percent} of a side, but the subject continues in the photograph.`,
  },
}

const CODES = Object.keys(RULES) as FindingCode[]

/**
 * Checks a matte for signs that it is wrong. The check knows neither the true matte nor what the photograph shows: a matte
 * that shows a wrong subject well has no findings.
 *
 * @param matte uint8, [height, width], before it is enlarged.
 * @param raster the photograph, any size: uint8, [height, width, 3 | 4].
 */
export function checkMatte(matte: Matte, raster: Raster): RawFinding[] {
  const figures = measureMatte(matte, raster)
  if (figures.visible === 0) return [{ code: 'MATTE_EMPTY', figure: 0 }]
  return CODES.flatMap(code => {
    const { figure, isFound } = RULES[code]
    return isFound(figures[figure], figures) ? [{ code, figure: figures[figure] }] : []
  })
}

/** Returns the finding with its sentence. */
export function describeFinding({ code, figure }: RawFinding): Finding {
  return { code, message: RULES[code].describe(formatShare(figure)) }
}

/** Whether a text, such as one from a cache, is the code of a finding. */
export function isFindingCode(text: string): text is FindingCode {
  return Object.hasOwn(RULES, text)
}

/** `31 %`, `0.4 %` */
function formatShare(share: number): string {
  const percent = share * 100
  return `${percent < 10 ? Number(percent.toPrecision(1)) : Math.round(percent)} %`
}
