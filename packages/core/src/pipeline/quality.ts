import type { EntryMeta } from '../cache/entry.ts'
import { describeFinding, isFindingCode, type RawFinding } from '../matting/check-matte.ts'
import { NobgError } from '../shared/errors.ts'
import type { Finding } from '../shared/types.ts'
import type { ResolvedConfig } from './config.ts'
import type { Plan } from './plan.ts'

/** What the check of the matte found, and what became of the cutout. */
export interface MatteCheck {
  findings: RawFinding[]
  /** Whether no pixel of the cutout has the least alpha of a subject. */
  isEmpty: boolean
}

type Judged = Pick<Plan, 'options' | 'source' | 'replaces'>

/** Whether a cutout without a subject is no error. */
export function acceptsEmpty(options: Plan['options'], { quality }: ResolvedConfig): boolean {
  return options.allowEmpty || quality === 'off'
}

/** Writes a check as metadata of a cache entry: `MATTE_HOLLOW 0.312,MATTE_SCATTERED 0.4`. */
export function encodeCheck({ findings, isEmpty }: MatteCheck): EntryMeta {
  const words = findings.map(({ code, figure }) => `${code} ${Number(figure.toPrecision(3))}`)
  return { ...(words.length > 0 && { findings: words.join(',') }), ...(isEmpty && { isEmpty }) }
}

/** Reads a check from metadata, which may come from a store of others: what is unknown is left out. */
export function decodeCheck({ findings, isEmpty }: EntryMeta): MatteCheck {
  const words = typeof findings === 'string' ? findings.split(',') : []
  return {
    findings: words.flatMap(word => {
      const [code, figure] = word.split(' ')
      return isFindingCode(code) && Number.isFinite(Number(figure)) ? [{ code, figure: Number(figure) }] : []
    }),
    isEmpty: isEmpty === true,
  }
}

/**
 * Applies the config `quality`. The check itself does not depend on it, because cached cutouts are shared by all configs.
 *
 * @returns the findings; none if `quality` is `off`
 * @throws {NobgError} NO_SUBJECT, DOUBTFUL_MATTE
 */
export function judgeCheck(
  { findings, isEmpty }: MatteCheck,
  { options, source, replaces }: Judged,
  config: ResolvedConfig,
): Finding[] {
  if (config.quality === 'off') return []
  if (isEmpty && !acceptsEmpty(options, config)) throw nameSource(explainEmpty(replaces), source)
  const described = findings.map(describeFinding)
  const doubts = described.filter(({ code }) => code !== 'MATTE_EMPTY' || !options.allowEmpty)
  if (config.quality === 'error' && doubts.length > 0)
    throw nameSource(explainDoubts(doubts, replaces), source)
  return described
}

function explainEmpty(replaces: Plan['replaces']): NobgError {
  return new NobgError('NO_SUBJECT', 'Expected a subject, got a cutout that is completely transparent.', {
    hint: `${suggestModel(replaces)} Or set \`allowEmpty\` to get the empty cutout.`,
  })
}

function explainDoubts(findings: readonly Finding[], replaces: Plan['replaces']): NobgError {
  const list = findings.map(({ code, message }) => `${message.replace(/\.$/, '')} (${code})`).join('; ')
  const error = new NobgError('DOUBTFUL_MATTE', `Expected a matte without findings, got: ${list}.`, {
    hint: `${suggestModel(replaces)} Or save your own matte as \`ada.matte.png\` beside \`ada.jpg\`. If the cutout is right, set \`quality\` to warn.`,
  })
  error.findings = findings
  return error
}

/**
 * The remedy for a matte that is probably wrong: another model, or the requested model if `substitute` replaces it.
 *
 * @param replaces id of the requested model, if another model replaces it.
 */
export function suggestModel(replaces: string | undefined): string {
  return replaces === undefined
    ? 'Try another model.'
    : `A substitute of ${replaces} predicted the matte. Download the weights of ${replaces} (npx nobg models pull ${replaces}), and remove \`substitute\` and NOBG_SUBSTITUTE.`
}

function nameSource(error: NobgError, { path }: Judged['source']): NobgError {
  error.source = path
  return error
}
