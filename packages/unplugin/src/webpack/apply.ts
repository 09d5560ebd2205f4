import type { Logger } from '@nobg/core'
import type { Compiler } from 'webpack'
import { openDrafts } from '../core/drafts.ts'
import { openProject } from '../core/open-project.ts'
import type { Options } from '../core/options.ts'
import { slash } from '../references/slash.ts'
import { versionCache } from './cache-version.ts'
import { cutoutsByCompiler } from './cutouts-by-compiler.ts'
import { addDefaultRule } from './default-rule.ts'
import { guardAssets } from './guard.ts'
import { checkLeftOverWords } from './left-over.ts'
import { createMakeShown } from './make-shown.ts'
import { rewriteRequest } from './rewrite-request.ts'

const NAME = 'nobg'

/**
 * Adds nobg to a compiler of webpack or Rspack: marked requests become finished pictures before they are resolved.
 *
 * @param logger default: the compiler's logger for plugins.
 */
export function applyToCompiler(
  compiler: Compiler,
  input: Options | undefined,
  logger: Logger = createLogger(compiler),
): void {
  const { options, cutouts } = openProject(input, compiler.context, logger)
  const drafts = openDrafts(options, cutouts, logger.warn)
  const makeShown = createMakeShown(compiler, cutouts, drafts)
  const failed = new Set<string>()
  const pictures = new Set<string>()
  const isPicture = (path: string) => !options.enabled || pictures.has(slash(path))
  const isWithoutRule = addDefaultRule(compiler, isPicture, options.enabled)
  versionCache(compiler, options)
  // This includes child compilers, in which other plugins make pages and style sheets.
  compiler.hooks.compilation.tap(NAME, (compilation, { normalModuleFactory }) => {
    cutoutsByCompiler.set(compilation.compiler, { cutouts, makeShown })
    checkLeftOverWords(compiler, compilation, cutouts)
    normalModuleFactory.hooks.beforeResolve.tapPromise(NAME, data =>
      rewriteRequest(
        { compiler, compilation, normalModuleFactory, cutouts, makeShown, pictures, failed, isWithoutRule },
        data,
      ),
    )
  })
  compiler.hooks.thisCompilation.tap(NAME, compilation => guardAssets(compiler, compilation, options))
  compiler.hooks.watchRun.tap(NAME, () => retryImports(compiler, failed))
  compiler.hooks.done.tap(NAME, () => cutouts.logSummary(logger))
}

/** Rspack resolves the imports of a changed module again, but not failed imports. */
function retryImports({ modifiedFiles }: Compiler, failed: Set<string>): void {
  for (const importer of failed) (modifiedFiles as Set<string> | undefined)?.add(importer)
  failed.clear()
}

/** The compiler puts the plugin's name before each line. */
function createLogger(compiler: Compiler): Logger {
  const logger = compiler.getInfrastructureLogger(NAME)
  const strip = (line: string) => line.replace(/^nobg: /, '')
  return { info: line => logger.info(strip(line)), warn: line => logger.warn(strip(line)) }
}
