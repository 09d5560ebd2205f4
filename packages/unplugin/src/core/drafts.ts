import { NobgError } from '@nobg/core'
import { resolveConfig } from '@nobg/core/internal'
import { type Cutouts, DRAFT_MODEL, type PlannedCutout } from './cutouts.ts'
import type { ResolvedOptions } from './options.ts'

/** Errors of a draft that the requested model would not have. Any other error ends the picture too, before a long download. */
const DRAFT_ONLY = [
  'NO_SUBJECT',
  'DOUBTFUL_MATTE',
  'INFERENCE_FAILED',
  'WEIGHTS_UNAVAILABLE',
  'INSUFFICIENT_MEMORY',
]

/** The drafts of one development server: pictures of the embedded model while the weights of another model are missing. */
export interface Drafts {
  /** Whether missing weights may be downloaded. */
  mayDownload: boolean
  /**
   * Plans the draft of a picture that cannot be made at once, and says once why there are drafts.
   *
   * @returns undefined if the picture needs no draft, or has none.
   */
  plan(planned: PlannedCutout): Promise<PlannedCutout | undefined>
  /** Says once why the weights could not be downloaded. Without downloads, `plan` has said all. */
  reportFailure(planned: PlannedCutout, error: unknown): void
}

/** Opens the drafts of a server. @param warn logs a line. */
export function openDrafts(
  { draft: isOn, config: { modelsDir } }: ResolvedOptions,
  cutouts: Cutouts,
  warn: (line: string) => void,
): Drafts {
  const mayDownload = resolveConfig(cutouts.config).download
  const logged = new Set<string>()
  const logOnce = (line: string) => {
    if (!logged.has(line)) warn(line)
    logged.add(line)
  }
  const spellPull = (id: string) =>
    `\`npx nobg models pull ${id}${modelsDir ? ` --models-dir ${JSON.stringify(modelsDir)}` : ''}\``

  function announce({ plan }: PlannedCutout): void {
    if (!plan) return
    const { id, bytes, license } = plan.model
    const size = bytes ? `${Math.round(bytes / 1e6)} MB, ` : ''
    const action = mayDownload ? 'nobg downloads them now.' : `Downloads are off: run ${spellPull(id)}.`
    logOnce(
      `nobg: the weights of ${id} (${size}${license}) are missing. ${action} Until then the server shows drafts: cutouts of the small model ${DRAFT_MODEL}.`,
    )
  }

  return {
    mayDownload,
    async plan(planned) {
      if (!isOn || (await cutouts.isReady(planned))) return undefined
      const draft = await cutouts.planDraft(planned)
      if (!draft || !(await cutouts.isReady(draft))) return undefined
      if (!(await cutouts.hasWeights(planned))) announce(planned)
      return draft
    },
    reportFailure({ plan }, error) {
      if (!plan || !mayDownload) return
      const { id } = plan.model
      const action = `Run ${spellPull(id)}, or put the file at this path. nobg replaces each draft when the weights are on disk.`
      logOnce(`nobg: the pictures of ${id} stay drafts. ${(error as Error).message}\n  ${action}`)
    },
  }
}

/** Whether the requested model would not have an error of a draft. */
export function isDraftOnly(error: unknown): boolean {
  return error instanceof NobgError && DRAFT_ONLY.includes(error.code)
}
