import type { Config, Logger, Plan, Remover } from '@nobg/core'
import type { QueryWord } from '@nobg/core/internal'
import type { Reference } from '../references/reference.ts'
import type { ImportSite } from './errors.ts'

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
  /** Absolute path of the matte that the import names; `false` if no own or kept matte counts; undefined by default. */
  matte: string | false | undefined
  /** Absolute path of the kept matte, or the path at which the predicted matte will be kept; undefined without either. */
  keptMatte: string | undefined
  /** Undefined if the picture is the photograph: the plugin is off, or the matte is missing and will be reported. */
  plan: Plan | undefined
  /** Whether the embedded model stands in for the requested model. The file is another than that of the requested picture. */
  isDraft: boolean
}

/** The embedded model, which needs no download. */
export const DRAFT_MODEL = 'u2netp'

/** Plans and makes the pictures of one build or one development server. */
export interface Cutouts {
  /** Makes the pictures; undefined if the plugin is off. */
  remover: Remover | undefined
  /** The config of the remover. */
  config: Config
  /** Absolute path of the folder that contains all finished pictures. */
  cacheDir: string
  /**
   * Plans a picture; takes milliseconds.
   *
   * @param matte absolute path of the matte that the reference names; `false` predicts, whatever mattes exist.
   * @throws {NobgError} INVALID_OPTION, UNKNOWN_MODEL, UNSUPPORTED_RESOLUTION, INVALID_SOURCE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, INVALID_MATTE, MATTE_MISSING */
  plan(source: string, reference: Reference, site: ImportSite, matte?: string | false): Promise<PlannedCutout>
  /** Whether a picture can be made at once: it is cached, its matte is given, or the weights are on disk and optimized. */
  isReady(planned: PlannedCutout): Promise<boolean>
  /** Whether the weights of a picture's model are on disk. */
  hasWeights(planned: PlannedCutout): Promise<boolean>
  /** Absolute path of the weights of a picture's model if the file is missing; undefined if it exists or is not needed. */
  findMissingWeights(planned: PlannedCutout): Promise<string | undefined>
  /** Plans the picture that the embedded model makes of the same photograph with the same options. Undefined if it would be the same picture. */
  planDraft(planned: PlannedCutout): Promise<PlannedCutout | undefined>
  /**
   * Makes a picture; may take minutes.
   *
   * @returns absolute path of the whole file; of the photograph if the error is deferred.
   * @throws {NobgError} the codes of core's `ensure`
   */
  ensure(planned: PlannedCutout): Promise<string>
  /** Plans a picture a few times without any effect, so that the code is compiled before the first page needs it. */
  warmUp(): Promise<void>
  /** Finds a planned picture by its file or its module path, with the postfix of one import or without. */
  find(id: string): PlannedCutout | undefined
  /**
   * Copies a finished picture to a file whose name no other picture of the photograph has, for a host that names files
   * without a hash. @returns absolute path of the copy.
   */
  placeUnique(planned: PlannedCutout): Promise<string>
  /** All pictures planned so far; none if the plugin is off. */
  list(): Iterable<PlannedCutout>
  /** Whether a file is a kept matte as this process has written it. A watcher reports its own writes, too. */
  isOwnWrite(file: string): boolean
  /**
   * Reports the pictures of a build whose mattes or weights are missing, in one error, and forgets them.
   *
   * @throws {LocatedError} MATTE_MISSING, WEIGHTS_UNAVAILABLE
   */
  reportDeferred(): void
  /** Forgets the pictures whose mattes or weights are missing, because the build has failed with another error. */
  forgetDeferred(): void
  /** Logs the pictures since the last call, if there were any. */
  logSummary(logger: Logger): void
}
