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
  /** Whether the picture is a draft: a stand-in until the weights of the requested model are on disk. */
  draft: boolean
}

/** The options of a plugin: core's Config, and options of the bundling. */
export interface Options extends Config {
  /** Named sets of options. `{ hero: { model: 'portrait', crop: true } }` is used by `?nobg=hero` or `a.nobg-hero.jpg`. */
  presets?: Record<string, OptionsInput>
  /**
   * What Vite's development server sends while a cutout is not ready. `original`: at most three requests per browser wait, for
   * at most 20 s. Other requests get the photograph, and the page shows the cutout later. `wait`: every request waits for the
   * cutout. Default: `original`.
   */
  dev?: 'original' | 'wait'
  /**
   * Whether the development servers of Vite, webpack and Rspack show cutouts of the embedded model u2netp while the weights of
   * another model are missing or being downloaded. Default: `true`.
   */
  draft?: boolean
  /**
   * What a build does if nobg could not process a reference with `?nobg`, so that the photograph would be published: `error`,
   * `warn` or `ignore`. Default: `error`.
   */
  unprocessed?: 'error' | 'warn' | 'ignore'
  /** Called once per build for each finished picture, computed or found in the cache. */
  onCutout?: (report: CutoutReport) => void
  /** A build warns about each shipped picture that has more bytes than this number. With `Infinity`, a build never warns. Default: 1,000,000. */
  warnAboveBytes?: number
  /**
   * `false` serves the photographs unchanged and loads no model. The environment variable `NOBG=off` has the same effect. In Vitest the
   * default is `false`, otherwise `true`.
   */
  enabled?: boolean
  /**
   * `true`: the plugin writes the types of imports with `?nobg` to a file. `false`: no file. A path: the place of the file.
   * Default: `true` in a project with a `tsconfig.json`, `false` in Vitest and if nobg is off. The default file is `nobg-env.d.ts` in
   * a folder that the tsconfig includes: the project's folder, else `src`, `app`, or the folder of an import.
   */
  dts?: boolean | string
  /** Whether the host encodes imported pictures again, so that they stay lossless. Set by integrations. @internal */
  encodesAgain?: boolean
}
