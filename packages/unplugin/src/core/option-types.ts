import type { Config, OptionsInput, RunInfo } from '@nobg/core'

/** The report on one finished picture. */
export interface CutoutReport extends RunInfo {
  /** Absolute path of the photograph. */
  source: string
  /** Absolute path of the finished picture. */
  file: string
  /** `mask` if `outputMask` is set. */
  kind: 'cutout' | 'mask'
  /** px */
  width: number
  /** px */
  height: number
  /** Id of the model that ran, after substitution. */
  model: string
  /** Whether the picture is a draft: a stand-in until the weights of the requested model are there. */
  draft: boolean
}

/** The options of a plugin: core's Config, and options of the bundling. */
export interface Options extends Config {
  /** Named sets of options. `{ hero: { model: 'portrait', crop: true } }` is used by `?nobg=hero` or `a.nobg-hero.jpg`. */
  presets?: Record<string, OptionsInput>
  /**
   * The response of Vite's development server while an image is not ready: with `original`, three requests of a browser wait
   * for at most 20 s, and others get the photograph, which the cutout replaces when it is done; with `wait`, all requests
   * wait for the cutout. Default: `original`.
   */
  dev?: 'original' | 'wait'
  /**
   * Whether the development servers of Vite, webpack and Rspack show cutouts of the embedded model u2netp while the weights of
   * another model are missing or being downloaded. Default: `true`.
   */
  draft?: boolean
  /** How a build reports a marked reference that no hook could process and that would ship the original. Default: `error`. */
  unprocessed?: 'error' | 'warn' | 'ignore'
  /** Called once per build for each finished picture, computed or found in the cache. */
  onCutout?: (report: CutoutReport) => void
  /** A build warns about each shipped picture that is larger, in bytes. `Infinity` never warns. Default: 1,000,000. */
  warnAboveBytes?: number
  /**
   * `false` serves the originals and loads no model. The environment variable `NOBG=off` has the same effect. In Vitest the
   * default is `false`, otherwise `true`.
   */
  enabled?: boolean
  /**
   * Whether the plugin writes a declaration file of the marked imports in the project's sources, or the path of that file.
   * Default: `true` if the project has a `tsconfig.json`, nobg is on, and Vitest does not run. The default file is `nobg-env.d.ts` in the project's
   * folder, or in `src` if the tsconfig includes only that folder.
   */
  dts?: boolean | string
  /** Whether the host encodes imported pictures again, so that they stay lossless. Set by integrations. @internal */
  encodesAgain?: boolean
}
