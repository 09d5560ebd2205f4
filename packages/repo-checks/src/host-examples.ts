/**
 * Installs the examples whose hosts are too large for the workspace, each in an empty folder with the packed packages, builds them,
 * and writes the result to `docs/host-examples.md`: `node packages/repo-checks/src/host-examples.ts`. Words name the examples to
 * try: `storybook bun`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PACKAGES_DIR, packPackages } from './install-matrix/pack-packages.ts'
import { readUpstream, startRegistry } from './install-matrix/registry.ts'
import { HOSTS } from './packed/hosts.ts'
import { type HostRow, tryHost, writeHostPage } from './packed/try-host.ts'

const words = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'nobg-hosts-'))
const registry = await startRegistry(await packPackages(folder), await readUpstream())
const rows: HostRow[] = []
try {
  for (const host of HOSTS) {
    if (words.length > 0 && !words.includes(host.example)) continue
    const row = await tryHost(host, folder, registry)
    rows.push(row)
    console.log(JSON.stringify(row))
    await rm(join(folder, host.example), { recursive: true, force: true })
  }
} finally {
  registry.close()
  await rm(folder, { recursive: true, force: true })
}
if (words.length === 0) {
  const page = writeHostPage(rows, new Date().toISOString().slice(0, 10))
  await writeFile(join(PACKAGES_DIR, '../docs/host-examples.md'), page)
}
if (rows.some(({ failure }) => failure)) process.exitCode = 1
