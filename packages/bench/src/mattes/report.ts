import { type Aim, atMost } from '../aim.ts'
import { describeAims } from '../aims.ts'
import { type Column, layTable, ratio, round, seconds } from '../cells.ts'
import type { BuildFigures, BuildTitle } from './builds.ts'

/** What was measured. */
export interface MatteFigures {
  pictures: number
  megapixels: number
  model: string
  /** The least figures of all rounds. */
  builds: Record<BuildTitle, BuildFigures>
  /** CPU time of the check per picture, ms. */
  checkMs: number
  /** Bytes of the folder of mattes. */
  repositoryBytes: number
}

type BuildRow = [title: string, figures: BuildFigures]

/** Formats the figures as a Markdown table, with a line per aim. */
export function reportMattes(figures: MatteFigures): string {
  const { pictures, megapixels, model, builds, checkMs, repositoryBytes } = figures
  const cold = builds.cold
  const columns: readonly Column<BuildRow>[] = [
    ['build', ([title]) => title],
    ['wall s', ([, { wallMs }]) => seconds(wallMs)],
    ['÷ cold', ([, { wallMs }]) => ratio(wallMs / cold.wallMs)],
    ['CPU s', ([, { cpuMs }]) => seconds(cpuMs)],
    ['÷ cold', ([, { cpuMs }]) => ratio(cpuMs / cold.cpuMs)],
    ['peak RSS MB', ([, { rssMb }]) => round(rssMb)],
  ]
  return [
    `${pictures} pictures of ${megapixels} MP, ${model}`,
    '',
    layTable(columns, Object.entries(builds), 1),
    '',
    `Kept mattes: ${round(repositoryBytes / 1000)} kB in the repository, ${ratio(repositoryBytes / 1000 / pictures)} kB per picture.`,
    `Check of a matte: ${ratio(checkMs)} ms.`,
    '',
    ...describeAims(listMatteAims(figures)),
  ].join('\n')
}

/** The share of CPU time that keeping and checking adds to a cold build, and the CPU time per picture that they add to a warm one. */
export function rateMattes({ pictures, builds, checkMs }: MatteFigures): {
  coldShare: number
  warmMs: number
} {
  const checks = checkMs * pictures
  const without = builds.cold.cpuMs - checks
  return {
    coldShare: (builds['cold, mattes kept'].cpuMs - without) / without,
    warmMs: (builds['warm, mattes kept'].cpuMs - builds.warm.cpuMs) / pictures,
  }
}

function listMatteAims(figures: MatteFigures): Aim[] {
  const { coldShare, warmMs } = rateMattes(figures)
  return [
    atMost(3, 'kept mattes and checks add at most 3 % of CPU time to a cold build', [
      { where: '%', value: coldShare * 100 },
    ]),
    atMost(0.5, 'kept mattes and checks add at most 0.5 ms of CPU time per picture to a warm build', [
      { where: 'ms', value: warmMs },
    ]),
  ]
}
