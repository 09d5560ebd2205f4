import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyRuntime } from '../src/copy-runtime.ts'
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
    const files = await glob('**', { cwd: target, dot: true, ignore: 'dist/common/*.js' })
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

test.skipIf(!here)('the package of this system loads alone, in CommonJS and in a module', async () => {
  const target = join(dir, 'loads')
  await copyRuntime(here!, target)
  await writeFile(join(target, 'package.json'), '{ "type": "commonjs" }')
  const script = `import { createRequire } from 'node:module'
    const { env, InferenceSession, Tensor, listSupportedBackends } = await import('./dist/index.js')
    const required = createRequire(process.cwd() + '/')('./dist/index.js')
    const names = listSupportedBackends().map(({ name }) => name)
    console.log(JSON.stringify([env.versions.node, typeof InferenceSession.create, required.Tensor === Tensor, names]))`
  await writeFile(join(target, 'load.mjs'), script)
  const { stdout } = await execa(process.execPath, ['load.mjs'], { cwd: target })
  expect(JSON.parse(stdout)).toEqual(['1.30.0', 'function', true, expect.arrayContaining(['cpu'])])
})
