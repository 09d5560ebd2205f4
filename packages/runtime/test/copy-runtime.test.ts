import { mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyRuntime, RUNTIME_DIR } from '../src/copy-runtime.ts'
import { nameOf, PLATFORMS } from '../src/platforms.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-runtime-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

const windows = ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node']

/** The binaries of each package, and the most that they may weigh, MB. */
const expected: Record<string, [files: string[], megabytes: number]> = {
  'darwin-arm64': [['libonnxruntime.1.dylib', 'onnxruntime_binding.node'], 50],
  'linux-arm64': [['libonnxruntime.so.1', 'onnxruntime_binding.node'], 30],
  'linux-x64': [['libonnxruntime.so.1', 'onnxruntime_binding.node'], 50],
  'win32-arm64': [windows, 80],
  'win32-x64': [windows, 75],
}

test.each(PLATFORMS.map(platform => [nameOf(platform), platform] as const))(
  'the package of %s has the JavaScript, the license and the binaries of that system only',
  async (name, platform) => {
    const target = join(dir, name)
    await copyRuntime(platform, target)
    const [binaries, megabytes] = expected[name]
    const files = await glob('**', { cwd: target, dot: true })
    expect(files.sort()).toEqual(
      [
        'LICENSE',
        'README.md',
        'ThirdPartyNotices.txt',
        ...['backend', 'binding', 'index', 'version'].map(script => `dist/${script}.js`),
        ...binaries.map(file => `bin/napi-v6/${platform.os}/${platform.cpu}/${file}`),
      ].sort(),
    )
    const sizes = await Promise.all(files.map(async file => (await stat(join(target, file))).size))
    expect(sizes.reduce((sum, size) => sum + size) / 1e6).toBeLessThan(megabytes)
  },
)

const here = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch)

test.skipIf(!here)('the package of this system loads with onnxruntime-common alone', async () => {
  const target = join(dir, 'loads')
  await copyRuntime(here!, target)
  const common = createRequire(join(RUNTIME_DIR, 'package.json')).resolve('onnxruntime-common')
  await symlink(dirname(dirname(dirname(dirname(common)))), join(dir, 'node_modules'))
  const { stdout } = await execa(process.execPath, [
    '-p',
    `const { env, InferenceSession, listSupportedBackends } = require(${JSON.stringify(join(target, 'dist/index.js'))})
    JSON.stringify([env.versions.node, typeof InferenceSession.create, listSupportedBackends().map(({ name }) => name)])`,
  ])
  expect(JSON.parse(stdout)).toEqual(['1.30.0', 'function', expect.arrayContaining(['cpu'])])
})
