import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { CutoutFile, Logger, Plan } from '@nobg/core'
import { copyAsNewFile, defaultCacheDir, makeDir, parseQuery } from '@nobg/core/internal'
import { createBuildSummary } from '../progress/build-summary.ts'
import { formatCount } from '../progress/format.ts'
import { type ProgressJob, reportJob } from '../progress/progress.ts'
import type { Reference } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { applyPreset, explainPreset, type ResolvedOptions } from './options.ts'
import { shareRemover } from './removers.ts'

/** One picture to be: which photograph, which file, and what of the import is left to the host. */
export interface PlannedCutout {
  /** Absolute path of the photograph. */
  source: string
  /** Absolute path of the finished picture, known before it exists; the photograph itself where the plugin is off. */
  file: string
  /**
   * Absolute path that stands for the picture where a host wants a module's id: the picture's name beside the
   * photograph. No file is there. The photograph itself where the plugin is off.
   */
  modulePath: string
  /** What follows the path: the words that are not ours (`?w=400`) and the fragment, or empty. */
  postfix: string
  /** What progress calls it: the reference without its folders. */
  label: string
  /** Absent where the plugin is off. */
  plan: Plan | undefined
}

/** A host's state to core: plans and makes the pictures of one build or one development server. */
export interface Cutouts {
  /** Folder under which every finished picture lies. */
  cacheDir: string
  /** Cheap. @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE */
  plan(source: string, reference: Reference): Promise<PlannedCutout>
  /** Slow. The file is there, whole, when it resolves. @throws {NobgError} whatever core's `ensure` throws */
  ensure(planned: PlannedCutout): Promise<void>
  /** What was planned for a finished picture, by its file or by its place. */
  find(path: string): PlannedCutout | undefined
  /** Everything planned so far; nothing where the plugin is off. */
  list(): Iterable<PlannedCutout>
  /** One line on the work since the last call, or undefined where there was none. */
  summarize(): string | undefined
}

/**
 * Opens the state for a project; no model is loaded until the first image.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL for a config that core refuses
 */
export function createCutouts(options: ResolvedOptions, root: string, logger: Logger): Cutouts {
  const cacheDir = slash(
    options.config.cacheDir ? resolve(root, options.config.cacheDir) : defaultCacheDir(root),
  )
  const planned = new Map<string, PlannedCutout>()
  const byModulePath = new Map<string, PlannedCutout>()
  const originals = new Set<string>()
  const summary = createBuildSummary()
  const remover = options.enabled ? shareRemover({ logger, ...options.config, cacheDir }) : undefined

  async function plan(source: string, reference: Reference): Promise<PlannedCutout> {
    const { options: words, rest } = parseQuery(reference.query)
    const postfix = (rest && `?${rest}`) + reference.fragment
    const label = reference.specifier.replace(/^.*\//, '')
    if (!remover) {
      originals.add(source)
      return { source, file: source, modulePath: source, postfix, label, plan: undefined }
    }
    const { preset } = reference
    const plan = await remover.plan(source, applyPreset(preset, words, options.presets)).catch(error => {
      throw explainPreset(error, preset, words, options.presets)
    })
    const { key, fileName, file: stored = join(cacheDir, 'placed', key, fileName) } = plan.mask ?? plan
    const file = slash(stored)
    const modulePath = slash(join(dirname(source), fileName))
    const cutout = { source, file, modulePath, postfix, label, plan }
    planned.set(file, cutout)
    byModulePath.set(modulePath, cutout)
    return cutout
  }

  return {
    cacheDir,
    plan,
    find: path => planned.get(path) ?? byModulePath.get(path),
    list: () => planned.values(),
    async ensure(cutout) {
      const { source, file, label, plan } = cutout
      if (!plan || !remover) return
      const run: ProgressJob = onProgress => remover.ensure(plan, { onProgress })
      const result = await reportJob(file, label, logger, run)
      await copyToCache(result, plan, file)
      if (!summary.add(file, result)) return
      const { width, height, timings, cached, savedMs } = result
      const kind = plan.mask ? 'mask' : 'cutout'
      options.onCutout({ source, file, kind, width, height, model: plan.model.id, timings, cached, savedMs })
    },
    summarize: () => (remover ? summary.summarize() : describeOriginals(originals.size)),
  }
}

/** A switch that somebody forgot must not ship photographs in silence. */
function describeOriginals(count: number): string | undefined {
  return count > 0 ? `nobg is off: ${formatCount(count, 'image')} left as they are.` : undefined
}

/** Where the store keeps no files, or could not keep this one, the picture is brought to where it was announced. */
async function copyToCache(result: CutoutFile, plan: Plan, file: string): Promise<void> {
  const made = plan.mask ? (result.maskFile ?? result.file) : result.file
  if (slash(made) === file || existsSync(file)) return
  await makeDir(dirname(file))
  const part = join(dirname(file), `.${randomUUID()}.part`)
  try {
    await copyAsNewFile(made, part)
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
