import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Config, Logger, Plan, Remover } from '@nobg/core'
import {
  copyWhole,
  defaultCacheDir,
  joinWords,
  makeDir,
  type QueryWord,
  sortWords,
} from '@nobg/core/internal'
import { createBuildSummary } from '../progress/build-summary.ts'
import { formatCount } from '../progress/format.ts'
import { type ProgressJob, reportJob } from '../progress/progress.ts'
import type { Reference } from '../references/reference.ts'
import { slash } from '../references/slash.ts'
import { addDefaultFormat, isShipped } from './default-format.ts'
import type { ImportSite } from './errors.ts'
import { addVariant } from './name-pattern.ts'
import { applyPreset, explainPreset, type ResolvedOptions } from './options.ts'
import { shareRemover } from './removers.ts'

/** A planned picture: its photograph, its file, and the part of the import that the host processes. */
export interface PlannedCutout {
  /** Absolute path of the photograph. */
  source: string
  /**
   * Absolute path of the finished picture, known before the file exists. The file has the name of the photograph. If the
   * plugin is off, the photograph.
   */
  file: string
  /**
   * Absolute path that a host gets as the id of the picture's module: a path in the photograph's folder that no other
   * picture has. No file exists there. If the plugin is off, the photograph.
   */
  modulePath: string
  /** 8 hex digits that differ between the pictures of a photograph; empty if the plugin is off. */
  variant: string
  /** The text after the path: the query words that are not nobg's (`?w=400`) and the fragment. May be empty. */
  postfix: string
  /** The query words in the postfix. */
  rest: QueryWord[]
  /** Its name in progress lines: the reference without folders. */
  label: string
  /** The import of the picture; of several imports, the last that was planned. For error messages and hot updates. */
  site: ImportSite
  /** Whether the host ships the file itself. Otherwise the host encodes the picture again. */
  shipped: boolean
  /** Undefined if the plugin is off. */
  plan: Plan | undefined
}

/** Plans and makes the pictures of one build or one development server. */
export interface Cutouts {
  /** Makes the pictures; undefined if the plugin is off. */
  remover: Remover | undefined
  /** The config of the remover. */
  config: Config
  /** Absolute path of the folder that contains all finished pictures. */
  cacheDir: string
  /** Plans a picture; takes milliseconds. @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE */
  plan(source: string, reference: Reference, site: ImportSite): Promise<PlannedCutout>
  /** Makes a picture; may take minutes. Then the whole file exists. @throws {NobgError} the codes of core's `ensure` */
  ensure(planned: PlannedCutout): Promise<void>
  /** Finds a planned picture by its file or its module path, with the postfix of one import or without. */
  find(id: string): PlannedCutout | undefined
  /**
   * Copies a finished picture to a file whose name no other picture of the photograph has, for a host that names files
   * without a hash. @returns absolute path of the copy.
   */
  placeUnique(planned: PlannedCutout): Promise<string>
  /** All pictures planned so far; none if the plugin is off. */
  list(): Iterable<PlannedCutout>
  /** Logs the pictures since the last call, if there were any. */
  logSummary(logger: Logger): void
}

/**
 * Creates the cutouts of a project. No model is loaded until the first image.
 *
 * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL if core rejects the config
 */
export function createCutouts(options: ResolvedOptions, root: string, logger: Logger): Cutouts {
  const cacheDir = slash(
    options.config.cacheDir ? resolve(root, options.config.cacheDir) : defaultCacheDir(root),
  )
  const planned = new Map<string, PlannedCutout>()
  const byId = new Map<string, PlannedCutout>()
  const originals = new Set<string>()
  const summary = createBuildSummary(options.warnAboveBytes)
  const config: Config = { logger, root, ...options.config, cacheDir }
  const remover = options.enabled ? shareRemover(config) : undefined

  async function plan(source: string, reference: Reference, site: ImportSite): Promise<PlannedCutout> {
    const { options: words, rest } = sortWords(reference.words)
    const postfix = (rest.length > 0 ? `?${joinWords(rest)}` : '') + reference.fragment
    const label = reference.specifier.replace(/^.*\//, '')
    if (!remover) {
      originals.add(source)
      return {
        source,
        file: source,
        modulePath: source,
        variant: '',
        postfix,
        rest,
        label,
        site,
        shipped: true,
        plan: undefined,
      }
    }
    const { preset } = reference
    const shipped = reference.isFinal || isShipped(rest, options.encodesAgain)
    const wanted = addDefaultFormat(applyPreset(preset, words, options.presets), shipped)
    const plan = await remover.plan(source, wanted).catch(error => {
      throw explainPreset(error, preset, words, options.presets)
    })
    const { key, fileName, file: stored = join(cacheDir, 'placed', key, fileName) } = plan.mask ?? plan
    const file = slash(stored)
    const variant = key.slice(0, 8)
    const modulePath = slash(join(dirname(source), addVariant(basename(file), variant)))
    const cutout = { source, file, modulePath, variant, postfix, rest, label, site, shipped, plan }
    planned.set(file, cutout)
    for (const path of [file, modulePath]) {
      byId.set(path + postfix, cutout)
      if (!byId.has(path)) byId.set(path, cutout)
    }
    return cutout
  }

  return {
    cacheDir,
    remover,
    config,
    plan,
    find: id => byId.get(id),
    list: () => planned.values(),
    async ensure(cutout) {
      const { source, file, label, shipped, plan } = cutout
      if (!plan || !remover) return
      const run: ProgressJob = onProgress => remover.ensure(plan, { onProgress })
      const result = await reportJob(file, label, logger, run)
      const made = plan.mask ? (result.maskFile ?? result.file) : result.file
      // The store has no files, or could not store this one.
      await copyTo(file, made)
      const { width, height, model, matte, timings, findings, cached, savedMs } = result
      const { size: bytes } = await stat(file)
      const picture = shipped ? { label, bytes, width, height, options: plan.options } : undefined
      if (!summary.add(file, result, slash(relative(root, source)), picture)) return
      const kind = plan.mask ? 'mask' : 'cutout'
      const info = { model, matte, timings, findings, cached, savedMs }
      options.onCutout({ source, file, kind, width, height, ...info })
    },
    async placeUnique({ file, modulePath, plan }) {
      if (!plan) return file
      const { key } = plan.mask ?? plan
      const copy = slash(join(cacheDir, 'placed', key, basename(modulePath)))
      await copyTo(copy, file)
      return copy
    },
    logSummary({ info, warn }) {
      const texts = summary.summarize()
      if (texts) info(texts.info)
      if (texts?.warning) warn(texts.warning)
      if (originals.size > 0) info(`nobg is off: ${formatCount(originals.size, 'image')} left unchanged.`)
    },
  }
}

/** Copies a picture, unless it is there already. Its content never changes. */
async function copyTo(file: string, made: string): Promise<void> {
  if (slash(made) === file || existsSync(file)) return
  await makeDir(dirname(file))
  await copyWhole(made, file)
}
