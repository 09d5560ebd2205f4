import { type BuildSummary, createBuildSummary } from './build-summary.ts'

/** The builds of one project in this process. */
export interface SharedSummary {
  summary: BuildSummary
  /** Notes that a build has started. */
  begin(): void
  /** Notes that a build has ended. @returns whether no other build of the project runs. */
  end(): boolean
}

const shared = new Map<string, SharedSummary>()

/**
 * Returns the summary of a project's builds. SvelteKit 2 builds the site for browsers inside its build for the server, with the
 * same pictures: the build that ends last logs one summary for both.
 *
 * @param root absolute path of the project.
 */
export function shareSummary(root: string, warnAboveBytes: number): SharedSummary {
  const key = JSON.stringify([root, warnAboveBytes])
  const known = shared.get(key)
  if (known) return known
  let running = 0
  const created: SharedSummary = {
    summary: createBuildSummary(warnAboveBytes),
    begin() {
      running++
    },
    end() {
      running = Math.max(0, running - 1)
      return running === 0
    },
  }
  shared.set(key, created)
  return created
}
