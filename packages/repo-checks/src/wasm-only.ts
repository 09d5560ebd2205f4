/**
 * Builds examples without native code of nobg and sharp, as in a WebContainer, and compares their cutouts with those of a native
 * build. Writes the result to `docs/webcontainers.md`: `node packages/repo-checks/src/wasm-only.ts`. Words name the examples to try:
 * `vite webpack`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PACKAGES_DIR, packPackages } from './install-matrix/pack-packages.ts'
import { readUpstream, startRegistry } from './install-matrix/registry.ts'
import { tryWasm, WASM_EXAMPLES, type WasmRow, writeWasmPage } from './packed/try-wasm.ts'

const words = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'nobg-wasm-'))
const registry = await startRegistry(await packPackages(folder), await readUpstream())
const rows: WasmRow[] = []
try {
  for (const [name, builds] of Object.entries(WASM_EXAMPLES)) {
    if (words.length > 0 && !words.includes(name)) continue
    const row = await tryWasm(name, builds, folder, registry)
    rows.push(row)
    console.log(JSON.stringify(row))
    await rm(join(folder, name), { recursive: true, force: true })
  }
} finally {
  registry.close()
  await rm(folder, { recursive: true, force: true })
}
if (words.length === 0) {
  const page = writeWasmPage(rows, new Date().toISOString().slice(0, 10))
  await writeFile(join(PACKAGES_DIR, '../docs/webcontainers.md'), page)
}
if (rows.some(({ failure }) => failure)) process.exitCode = 1
