import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'

export const PACKAGES_DIR = resolve(import.meta.dirname, '../../..')

/** The folder of the package with the binaries of this system, below `packages`. */
export const RUNTIME_OF_THIS_SYSTEM = `runtime/platforms/${process.platform}-${process.arch}`

/** A packed package. */
export interface Tarball {
  /** The published manifest, or that of the workspace if the package is not packed. */
  manifest: { name: string; version: string; [field: string]: unknown }
  /** Path of the tarball; undefined for the packages of other systems, which nobody may install here. */
  path?: string
}

/** The folders of all published packages, below `packages`. */
export async function listPublished(): Promise<string[]> {
  const [packages, platforms] = await Promise.all(
    ['', 'runtime/platforms'].map(dir => readdir(join(PACKAGES_DIR, dir))),
  )
  const folders = [...packages, ...platforms.map(name => `runtime/platforms/${name}`)]
  const manifests = await Promise.all(folders.map(readManifest))
  return folders.filter((_, index) => !manifests[index].private)
}

async function readManifest(folder: string): Promise<Tarball['manifest']> {
  return JSON.parse(await readFile(join(PACKAGES_DIR, folder, 'package.json'), 'utf8'))
}

/** Packs all published packages but those of other systems. */
export async function packPackages(target: string): Promise<Tarball[]> {
  const tarballs: Tarball[] = []
  for (const folder of await listPublished()) {
    const manifest = await readManifest(folder)
    const isOfOtherSystem = folder.startsWith('runtime/') && folder !== RUNTIME_OF_THIS_SYSTEM
    if (isOfOtherSystem) tarballs.push({ manifest: { ...manifest, ...(manifest.publishConfig as object) } })
    else tarballs.push(await pack(folder, target))
  }
  return tarballs
}

async function pack(folder: string, target: string): Promise<Tarball> {
  const cwd = join(PACKAGES_DIR, folder)
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', target], { cwd })
  const path = join(target, stdout.trim().split('\n').at(-1) ?? '')
  const unpacked = await execa('tar', ['-xzOf', path, 'package/package.json'])
  return { manifest: JSON.parse(unpacked.stdout), path }
}
