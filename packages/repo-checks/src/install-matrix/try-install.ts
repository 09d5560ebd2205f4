import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'
import type { Manager } from './managers.ts'
import { PACKAGES_DIR } from './pack-packages.ts'
import type { Registry } from './registry.ts'

const PHOTO = join(PACKAGES_DIR, '../examples/vite/src/photos/coffee.png')

const PROJECT = {
  'package.json': '{ "name": "page", "private": true, "type": "module" }',
  'index.html': '<script type="module" src="./main.js"></script>',
  'main.js': `import url from './coffee.png?nobg'; document.body.append(url)`,
  'vite.config.js': `import nobg from 'unplugin-nobg/vite'
    export default { plugins: [nobg({ substitute: 'u2netp', enabled: true })] }`,
}

/** What happened in one project. A step that failed has the reason. */
export interface Attempt {
  /** Number of installed packages and their size; undefined if they are in archives. */
  installed?: { packages: number; megabytes: number }
  failures: Partial<Record<Step, string>>
}

export type Step = 'install' | 'page' | 'command'

/** Installs npm packages that are tools (Node, package managers), and returns the folder of their commands. */
export async function installTool(folder: string, name: string, registry: Registry): Promise<string> {
  const dir = join(folder, name.replaceAll(/[^\w.]+/g, '-'))
  await mkdir(dir, { recursive: true })
  const words = [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--prefix',
    dir,
    `--registry=${registry.url}/`,
  ]
  await execa('npm', [...words, name])
  return join(dir, 'node_modules/.bin')
}

/**
 * Installs nobg in an empty folder, builds a page, and runs the command.
 *
 * @param bins folders with the commands of Node and of the package manager
 */
export async function tryInstall(
  manager: Manager,
  bins: readonly string[],
  registry: Registry,
): Promise<Attempt> {
  const home = await mkdtemp(join(tmpdir(), 'nobg-install-'))
  const cwd = join(home, 'page')
  await mkdir(cwd)
  for (const [name, text] of Object.entries({ ...PROJECT, ...manager.files(registry) }))
    await writeFile(join(cwd, name), text)
  await cp(PHOTO, join(cwd, 'coffee.png'))
  const env = {
    ...createEnvironment(home, bins),
    npm_config_registry: `${registry.url}/`,
    NPM_CONFIG_REGISTRY: `${registry.url}/`,
    ...manager.env,
  }
  const attempt: Attempt = { failures: {} }
  const steps: [Step, () => Promise<unknown>][] = [
    ['install', async () => run(manager.add(['unplugin-nobg', 'nobg', `vite@${await readViteVersion()}`]))],
    [
      'page',
      async () => {
        await run(manager.run(['vite', 'build']))
        await findCutout(join(cwd, 'dist/assets'))
      },
    ],
    [
      'command',
      async () => {
        await run(manager.run(['nobg', 'coffee.png', '--model', 'u2netp', '-o', 'cup.webp']))
        await stat(join(cwd, 'cup.webp'))
      },
    ],
  ]
  async function run([file, ...words]: string[]): Promise<void> {
    await execa(file, words, { cwd, env, extendEnv: false, preferLocal: false })
  }
  try {
    for (const [step, work] of steps) {
      try {
        await work()
      } catch (error) {
        attempt.failures[step] = explain(error).replaceAll(cwd, '.')
        if (step === 'install') break
      }
      if (step === 'install') attempt.installed = await measure(join(cwd, 'node_modules'))
    }
    return attempt
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** An environment without settings of the user: caches and stores are empty, and only Node, the manager and the system's commands are found. */
function createEnvironment(home: string, bins: readonly string[]): Record<string, string> {
  return {
    HOME: home,
    PATH: [...bins, '/usr/bin', '/bin'].join(delimiter),
    COREPACK_ENABLE_STRICT: '0',
    NOBG_OFFLINE: '1',
    NO_COLOR: '1',
  }
}

/** The version of Vite in the workspace, so that a new one does not change the result. */
async function readViteVersion(): Promise<string> {
  const path = join(PACKAGES_DIR, 'unplugin/node_modules/vite/package.json')
  return JSON.parse(await readFile(path, 'utf8')).version
}

async function findCutout(folder: string): Promise<void> {
  const files = await readdir(folder)
  if (!files.some(file => /^coffee.*\.(?:png|webp)$/.test(file)))
    throw new Error(`no cutout in ${files.join(', ')}`)
}

/** What marks the line that says what is wrong: nobg's own words, then those of package managers. */
const MARKS = [/Expected .* got /, /ERR_\w|YN0(?!000)\d+/, /error/i, /./]

function explain(error: unknown): string {
  const { stdout = '', stderr = '', message = '' } = error as Partial<Record<string, string>>
  const lines = [stderr, stdout, message].join('\n').split('\n')
  const found = MARKS.map(mark => lines.find(line => mark.test(line))).find(line => line !== undefined)
  return found?.trim() ?? 'no message'
}

/** Counts packages in node_modules, each version once, and the bytes of their files. */
async function measure(folder: string): Promise<Attempt['installed']> {
  if (!(await stat(folder).catch(() => undefined))) return undefined
  const files = await glob('**', { cwd: folder, dot: true, followSymbolicLinks: false, absolute: true })
  const names = new Set<string>()
  let bytes = 0
  for (const file of files) {
    bytes += (await stat(file)).size
    // A package's manifest is in node_modules/<name> or node_modules/@<scope>/<name>.
    if (!/node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(file)) continue
    const { name, version } = JSON.parse(await readFile(file, 'utf8'))
    if (name && dirname(file).endsWith(name)) names.add(`${name}@${version}`)
  }
  return { packages: names.size, megabytes: Math.round(bytes / 1e6) }
}
