import type { FindingCode } from '@nobg/core'
import type { Case, Half } from './cases.ts'

/** Share of the cases that have a finding, as `12 of 15 (80 %)`. */
function formatFlagged(cases: readonly Case[]): string {
  return countFlagged(cases, ({ findings }) => findings.length > 0)
}

function countFlagged(cases: readonly Case[], isFlagged: (one: Case) => boolean): string {
  const flagged = cases.filter(isFlagged).length
  if (cases.length === 0) return '–'
  return `${flagged} of ${cases.length} (${Math.round((flagged / cases.length) * 100)} %)`
}

/** Both tables in Markdown: the share of bad mattes caught and of good ones flagged, and what each finding contributes. */
export function formatFindings(cases: readonly Case[]): string {
  return `${formatShares(cases)}\n\n${formatCodes(cases)}`
}

function formatShares(cases: readonly Case[]): string {
  const rows: string[][] = []
  for (const half of ['choose', 'report'] as const) {
    for (const model of ['u2netp', 'isnet']) rows.push(formatRow(cases, half, [model]))
    rows.push(formatRow(cases, half, ['u2netp', 'isnet']))
  }
  const truths = cases.filter(({ model }) => model === 'true')
  rows.push(['all', 'the true alpha', '–', formatFlagged(truths), '–'])
  return formatTable(['subjects', 'matte', 'bad: caught', 'good: flagged', 'between'], rows)
}

function formatRow(cases: readonly Case[], half: Half, models: readonly string[]): string[] {
  const own = cases.filter(one => one.half === half && models.includes(one.model))
  const bad = own.filter(({ label }) => label === 'bad')
  const good = own.filter(({ label }) => label === 'good')
  const between = String(own.length - bad.length - good.length)
  return [half, models.join(' and '), formatFlagged(bad), formatFlagged(good), between]
}

function formatCodes(cases: readonly Case[]): string {
  const predicted = cases.filter(({ model }) => model !== 'true')
  const codes = new Set(cases.flatMap(({ findings }) => findings.map(({ code }) => code)))
  const rows = [...codes].sort().map(code => {
    const has = ({ findings }: Case) => findings.some(finding => finding.code === code)
    const isAlone = (one: Case) => has(one) && one.findings.length === 1
    const count = (label: string, test = has) =>
      String(predicted.filter(one => one.label === label && test(one)).length)
    return [`\`${code satisfies FindingCode}\``, count('bad'), count('bad', isAlone), count('good')]
  })
  return formatTable(['finding', 'bad mattes', 'of these alone', 'good mattes'], rows)
}

/** What is flagged if the mattes of both models must also agree, by the least intersection over union: a table in Markdown. */
export function formatComparison(cases: readonly Case[]): string {
  const limits = [0, 0.3, 0.5, 0.7, 0.8, 0.9]
  const rows = (['choose', 'report'] as const).flatMap(half =>
    ['u2netp', 'isnet'].flatMap(model =>
      limits.map(limit => {
        const own = cases.filter(one => one.half === half && one.model === model)
        const share = (label: string) =>
          countFlagged(
            own.filter(one => one.label === label),
            one => one.findings.length > 0 || (one.iouOfModels ?? 1) < limit,
          )
        return [half, model, limit === 0 ? 'no comparison' : String(limit), share('bad'), share('good')]
      }),
    ),
  )
  return formatTable(['subjects', 'matte', 'least IoU', 'bad: caught', 'good: flagged'], rows)
}

function formatTable(headings: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => ':--')), ...rows.map(line)].join('\n')
}
