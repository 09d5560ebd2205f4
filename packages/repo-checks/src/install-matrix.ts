/**
 * Installs the packed packages with every package manager, and writes the result to `docs/install-matrix.md`:
 * `node packages/repo-checks/src/install-matrix.ts`. Words name the managers to try: `"pnpm 12" "Bun 1"`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { MANAGERS, type Manager, OTHER_RUNTIMES } from './install-matrix/managers.ts'
import { PACKAGES_DIR, packPackages } from './install-matrix/pack-packages.ts'
import { readUpstream, startRegistry } from './install-matrix/registry.ts'
import { installTool, tryInstall } from './install-matrix/try-install.ts'
import { type Row, writeTable } from './install-matrix/write-table.ts'

/** The Node of most lines, and the oldest and the newest one, which two managers are tried with. */
const NODE = 'node@24'
const OTHER_NODES = ['node@22.19', 'node@latest']
const ON_OTHER_NODES = ['npm 11', 'pnpm 12']

const words = process.argv.slice(2)
const isChosen = ({ title }: Manager) => words.length === 0 || words.includes(title)

const folder = await mkdtemp(join(tmpdir(), 'nobg-matrix-'))
const registry = await startRegistry(await packPackages(folder), await readUpstream())
const rows: Row[] = []
try {
  for (const manager of [...MANAGERS, ...OTHER_RUNTIMES].filter(isChosen)) await tryOn(manager, NODE)
  for (const node of OTHER_NODES)
    for (const manager of MANAGERS.filter(isChosen))
      if (ON_OTHER_NODES.includes(manager.title)) await tryOn(manager, node)
} finally {
  registry.close()
  await rm(folder, { recursive: true, force: true })
}
if (words.length === 0) {
  const table = writeTable(rows, new Date().toISOString().slice(0, 10))
  await writeFile(join(PACKAGES_DIR, '../docs/install-matrix.md'), table)
}

async function tryOn(manager: Manager, node: string): Promise<void> {
  const bins = await Promise.all([node, manager.tool].map(tool => installTool(folder, tool, registry)))
  const [nodeVersion, version] = await Promise.all([
    readVersion(join(bins[0], 'node'), bins),
    readVersion(join(bins[1], manager.add([])[0]), bins),
  ])
  const row = {
    title: manager.title,
    version,
    node: nodeVersion,
    attempt: await tryInstall(manager, bins, registry),
  }
  rows.push(row)
  console.log(JSON.stringify(row))
}

async function readVersion(command: string, bins: string[]): Promise<string> {
  const { stdout } = await execa(command, ['--version'], {
    env: { PATH: [...bins, process.env.PATH].join(':') },
  })
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout
}
