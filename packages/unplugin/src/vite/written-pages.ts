import { stat } from 'node:fs/promises'
import { basename, dirname, join, posix, resolve } from 'node:path'
import type { Plugin, ResolvedConfig } from 'vite'
import { isGuarded, reportUnprocessed, throwMessage } from '../core/report-unprocessed.ts'
import { listFiles, type Warn } from '../references/output-files.ts'
import { slash } from '../references/slash.ts'
import { findInWrittenFiles } from '../references/written-files.ts'
import type { PluginState } from './state.ts'

const HINT = `The host wrote these pages after the bundle, so that nobg could not process them. Import the picture, and write its address
into the page: in Svelte and JSX, <img src={ada}>.`

const PAGE = /\.(?:html?|xml)$/

/** Hosts that build for browsers and for a server write prerendered pages beside the two folders. */
const SIDE = /^(?:client|server|ssr)$/

/** Some file systems store times in steps of two seconds. */
const CLOCK_STEP_MS = 2000

/** The parts of Vite's builder that are read here. Vite has a builder since version 6. */
interface Builder {
  environments: Record<string, { config: Pick<ResolvedConfig, 'build'> }>
}

/**
 * Creates the plugin that checks the pages that a host writes after the bundle, such as SvelteKit's prerendered pages: after each
 * bundle, and after the whole build.
 *
 * @returns a plugin that must come after the plugins that write pages.
 */
export function checkWrittenPages(readState: () => PluginState): Plugin {
  let checkedAt = Date.now()
  let isWritten = false

  async function check(outDirs: readonly string[], fail: (message: string) => void): Promise<void> {
    const { config, options, reported } = readState()
    if (!isGuarded(options)) return
    const since = checkedAt - CLOCK_STEP_MS
    checkedAt = Date.now()
    // This runs several times in a build.
    const warn = (message: string) => config.logger.warnOnce(message)
    const found: string[] = []
    for (const folder of new Set(outDirs.map(outDir => findSiteFolder(config, outDir))))
      found.push(...(await findInFolder(folder, since, config.base, warn)))
    const fresh = found.filter(line => !reported.has(line))
    for (const line of fresh) reported.add(line)
    reportUnprocessed(options, fresh, HINT, { warn: message => config.logger.warn(message), fail })
  }

  return {
    name: 'nobg:written-pages',
    apply: 'build',
    enforce: 'post',
    configResolved() {
      checkedAt = Date.now()
    },
    buildStart() {
      if (this.meta.watchMode) readState().reported.clear()
    },
    writeBundle() {
      isWritten = true
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        // After an error of the build there is no output to check.
        if (!isWritten) return
        isWritten = false
        const { build, logger } = this.environment?.config ?? readState().config
        // A watcher does not wait for this hook: an exception would end the process.
        await check([build.outDir], build.watch ? message => logger.error(message) : throwMessage)
      },
    },
    // Since Vite 7. SvelteKit 3 writes its pages after the bundles are closed.
    buildApp: {
      order: 'post',
      async handler({ environments }: Builder) {
        const outDirs = Object.values(environments).map(({ config }) => config.build.outDir)
        await check(outDirs, throwMessage)
      },
    },
  } as Plugin
}

/** The folder with all files of a site: that of an output, or the folder around `client` and `server`. */
function findSiteFolder({ root }: ResolvedConfig, outDir: string): string {
  const folder = slash(resolve(root, outDir))
  const parent = dirname(folder)
  return SIDE.test(basename(folder)) && parent.startsWith(`${root}/`) ? parent : folder
}

/** @param since a time in ms: older files are of an earlier build. */
async function findInFolder(folder: string, since: number, base: string, warn: Warn): Promise<string[]> {
  const names = listFiles(folder, warn)
  const pages: string[] = []
  for (const name of names.filter(name => PAGE.test(name)))
    if (await isWrittenSince(join(folder, name), since)) pages.push(name)
  const assets = new Set(names.flatMap(name => listAddresses(name, base)))
  return findInWrittenFiles(folder, pages, assets, warn)
}

async function isWrittenSince(path: string, since: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs >= since
  } catch {
    // The reader of the file says why: the host may have deleted the file after it was listed.
    return true
  }
}

/** The addresses of a file: from the root of the site, with its base, and without the folder `client`. */
function listAddresses(name: string, base: string): string[] {
  return [name, name.replace(/^[^/]*\//, '')].flatMap(path => [`/${path}`, posix.join('/', base, path)])
}
