import type { Registry } from './registry.ts'

/** A package manager: what installs it, its settings, and its commands. */
export interface Manager {
  /** As in the table: `Yarn 4 (PnP)`. */
  title: string
  /** The npm package of the manager, with its version; undefined for the npm of Node. */
  tool: string
  /** Files of an empty project. */
  files(registry: Registry): Record<string, string>
  env?: Record<string, string>
  /** Installs the packages as development dependencies. */
  add(packages: string[]): string[]
  /** Runs the command of an installed package. */
  run(words: string[]): string[]
}

const npmrc = ({ url }: Registry) => ({ '.npmrc': `registry=${url}/\n` })

const yarnrc =
  (linker: string) =>
  ({ url }: Registry) => ({
    '.yarnrc.yml': [
      `npmRegistryServer: ${url}`,
      'unsafeHttpWhitelist: ["127.0.0.1"]',
      `nodeLinker: ${linker}`,
      'enableGlobalCache: false',
      'enableTelemetry: false',
      'npmMinimalAgeGate: 0',
      '',
    ].join('\n'),
    // Without its own lock file, the folder would belong to a project above it.
    'yarn.lock': '',
  })

function npm(version: number): Manager {
  return {
    title: `npm ${version}`,
    tool: `npm@${version}`,
    files: npmrc,
    add: packages => ['npm', 'install', '--no-audit', '--no-fund', '-D', ...packages],
    run: words => ['npx', '--no-install', ...words],
  }
}

function pnpm(version: number): Manager {
  return {
    title: `pnpm ${version}`,
    tool: `pnpm@${version}`,
    files: registry => ({
      ...npmrc(registry),
      // pnpm 12 stops if a package wants to run a script that is not allowed; older ones stop with this setting.
      'pnpm-workspace.yaml': 'packages: [.]\nstrictDepBuilds: true\nminimumReleaseAge: 0\n',
    }),
    add: packages => ['pnpm', 'add', '-w', '-D', ...packages],
    run: words => ['pnpm', 'exec', ...words],
  }
}

function yarn(title: string, linker: string): Manager {
  return {
    title,
    tool: '@yarnpkg/cli-dist@4',
    files: yarnrc(linker),
    // In CI, Yarn refuses to change the lock file.
    env: { CI: '' },
    add: packages => ['yarn', 'add', '-D', ...packages],
    run: words => ['yarn', ...words],
  }
}

const bun: Manager = {
  title: 'Bun 1',
  tool: 'bun@1',
  files: npmrc,
  add: packages => ['bun', 'add', '-d', ...packages],
  run: words => ['bunx', '--no-install', ...words],
}

const deno: Manager = {
  title: 'Deno 2',
  tool: 'deno@2',
  files: registry => ({ ...npmrc(registry), 'deno.json': '{ "nodeModulesDir": "auto" }' }),
  add: packages => ['deno', 'add', '--dev', ...packages.map(name => `npm:${name}`)],
  // The command of a package runs on Node, as its first line says.
  run: ([name, ...words]) => [`node_modules/.bin/${name}`, ...words],
}

export const MANAGERS: readonly Manager[] = [
  npm(10),
  npm(11),
  npm(12),
  pnpm(9),
  pnpm(10),
  pnpm(12),
  yarn('Yarn 4 (node_modules)', 'node-modules'),
  yarn('Yarn 4 (PnP)', 'pnp'),
  bun,
  deno,
]

/** Managers whose own runtime replaces Node. nobg refuses them in one sentence. */
export const OTHER_RUNTIMES: readonly Manager[] = [
  { ...bun, title: 'Bun 1, as the runtime', run: words => ['bunx', '--bun', '--no-install', ...words] },
  {
    ...deno,
    title: 'Deno 2, as the runtime',
    run: ([name, ...words]) => ['deno', 'run', '-A', `npm:${name}`, ...words],
  },
]
