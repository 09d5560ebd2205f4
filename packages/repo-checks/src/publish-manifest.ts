/**
 * Writes the manifest that is published: exports lead to `dist`, `workspace:` ranges become versions. Runs in a package's
 * folder before it is packed (`prepack`); `--restore` undoes it afterwards (`postpack`). pnpm does this by itself, npm does not.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
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
  const published: Manifest = { ...manifest, ...fields, publishConfig: { access } }
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies'] as const) {
    const ranges = manifest[field]
    if (ranges) published[field] = resolveWorkspaceRanges(ranges)
  }
  return published
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
