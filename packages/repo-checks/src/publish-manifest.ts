/**
 * Runs before and after a package is packed (`prepack`, `postpack --restore`), in the package's folder. Inside the
 * workspace a package's exports are its sources; packed they must be its dist, and `workspace:` ranges must be versions.
 * pnpm does both by itself; with this, `npm pack` does too.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  publishConfig?: Record<string, unknown>
  [field: string]: unknown
}

const path = resolve('package.json')
const original = resolve('package.json.orig')

if (process.argv.includes('--restore')) {
  if (existsSync(original)) renameSync(original, path)
} else {
  const text = readFileSync(path, 'utf8')
  if (!existsSync(original)) writeFileSync(original, text)
  writeFileSync(path, `${JSON.stringify(toPublished(JSON.parse(text)), null, 2)}\n`)
}

function toPublished({ devDependencies: _, publishConfig = {}, ...manifest }: Manifest): Manifest {
  const { access, ...fields } = publishConfig
  const dependencies = manifest.dependencies && resolveWorkspaceRanges(manifest.dependencies)
  return { ...manifest, ...fields, ...(dependencies && { dependencies }), publishConfig: { access } }
}

function resolveWorkspaceRanges(dependencies: Record<string, string>): Record<string, string> {
  const require = createRequire(path)
  const versions = Object.entries(dependencies).map(([name, range]) => {
    if (!range.startsWith('workspace:')) return [name, range]
    const { version } = require(`${name}/package.json`) as { version: string }
    return [name, `${range.slice('workspace:'.length).replace('*', '')}${version}`]
  })
  return Object.fromEntries(versions)
}
