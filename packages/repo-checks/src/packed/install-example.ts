import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import { PACKAGES_DIR } from '../install-matrix/pack-packages.ts'
import type { Registry } from '../install-matrix/registry.ts'

/** Files and folders that are no part of an example. */
const MADE = new Set(['node_modules', 'dist', '.nobg-cache', '.astro', '.docusaurus'])

/** An example in a folder of its own, outside the workspace, with packed packages of nobg. */
export interface InstalledExample {
  path(file: string): string
  /** Runs npm in the folder. */
  npm(...words: string[]): Promise<void>
  /**
   * Runs a script of the example, with an empty cache of nobg and without output of former runs.
   *
   * @param env variables besides those of the installation
   */
  build(script: string, env?: Record<string, string>): Promise<void>
  /** The installed version of a package. */
  readVersion(name: string): Promise<string>
}

/**
 * Copies an example into a folder and installs its packages with npm.
 *
 * @param folder folder for the example and for the cache of npm
 * @param name folder below `examples/`
 */
export async function installExample(
  folder: string,
  name: string,
  registry: Registry,
): Promise<InstalledExample> {
  const root = join(folder, name)
  const path = (file: string) => join(root, file)
  const env = createEnvironment(join(folder, 'home'), registry)
  const npm = async (words: string[], more: Record<string, string> = {}) => {
    await execa('npm', words, { cwd: root, env: { ...env, ...more }, extendEnv: false })
  }
  const original = join(PACKAGES_DIR, '../examples', name)
  await cp(original, root, { recursive: true, filter: file => !MADE.has(basename(file)) })
  await mkdir(env.HOME, { recursive: true })
  await writeFile(path('.npmrc'), `registry=${registry.url}/\n`)
  await npm(['install', '--no-audit', '--no-fund'])
  return {
    path,
    npm: (...words) => npm(words),
    async build(script, more) {
      for (const made of ['dist', '.nobg-cache']) await rm(path(made), { recursive: true, force: true })
      await npm(['run', script], more)
    },
    readVersion: async package_ =>
      JSON.parse(await readFile(path(`node_modules/${package_}/package.json`), 'utf8')).version,
  }
}

/** An environment without settings of the user: the Node that runs this script, caches of its own, frozen mattes. */
function createEnvironment(home: string, registry: Registry) {
  return {
    HOME: home,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    npm_config_registry: `${registry.url}/`,
    CI: '1',
    NO_COLOR: '1',
    NOBG_OFFLINE: '1',
    NOBG_CACHE_DIR: '.nobg-cache',
    ASTRO_TELEMETRY_DISABLED: '1',
    PAYLOAD_DISABLE_TELEMETRY: '1',
    STORYBOOK_DISABLE_TELEMETRY: '1',
    STRAPI_TELEMETRY_DISABLED: 'true',
  }
}

/** The files of a folder by their paths in it, sorted; none if there is no folder. */
export async function listFiles(folder: string): Promise<string[]> {
  if (!(await stat(folder).catch(() => undefined))) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}
