import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execa } from 'execa'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANAGERS } from '../src/install-matrix/managers.ts'
import {
  listPublished,
  PACKAGES_DIR,
  packPackages,
  RUNTIME_OF_THIS_SYSTEM,
  type Tarball,
} from '../src/install-matrix/pack-packages.ts'
import { type Registry, readUpstream, startRegistry } from '../src/install-matrix/registry.ts'
import { installTool, tryInstall } from '../src/install-matrix/try-install.ts'

const isForOtherSystem = (name: string) => name.startsWith('runtime/') && name !== RUNTIME_OF_THIS_SYSTEM
const published = (await listPublished()).filter(name => !isForOtherSystem(name))
const readManifest = (name: string) => readFile(join(PACKAGES_DIR, name, 'package.json'), 'utf8')
/** The manifests before packing. */
const manifests = new Map<string, string>()

let dir: string
let tarballs: Tarball[]

beforeAll(async () => {
  for (const name of published) manifests.set(name, await readManifest(name))
  dir = await mkdtemp(join(tmpdir(), 'nobg-pack-'))
  tarballs = await packPackages(dir)
}, 1_800_000)

afterAll(() => rm(dir, { recursive: true, force: true }))

async function readTarball(name: string): Promise<Buffer<ArrayBuffer>> {
  const { name: packageName } = JSON.parse(await readManifest(name))
  const tarball = tarballs.find(({ manifest }) => manifest.name === packageName)
  return await readFile(tarball?.path ?? '')
}

describe.each(published)('%s', name => {
  test('packing restores the manifest', async () => {
    expect(await readManifest(name)).toBe(manifests.get(name))
    expect(await readdir(join(PACKAGES_DIR, name))).not.toContain('package.json.orig')
  })

  test('publint finds nothing', async () => {
    const tarball = (await readTarball(name)).buffer
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map(message => formatMessage(message, pkg))).toEqual([])
  })

  test('are-the-types-wrong finds no problem', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readTarball(name)))
    if (!result.types) return expect(['u2netp', RUNTIME_OF_THIS_SYSTEM]).toContain(name)
    // CommonJS resolves to ESM, which every supported Node can require.
    const problems = result.problems.filter(
      ({ kind }) => kind !== 'CJSResolvesToESM' && kind !== 'NoResolution',
    )
    expect(problems).toEqual([])
  })
})

describe('an empty project outside the workspace', () => {
  let project: string
  let registry: Registry

  beforeAll(async () => {
    registry = await startRegistry(tarballs, await readUpstream())
    project = await mkdtemp(join(tmpdir(), 'nobg-project-'))
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
    // Astro and IPX are peers, and npm would install all of both. IPX's dependencies have install scripts.
    const names = tarballs.filter(({ path }) => path).map(({ manifest }) => manifest.name)
    const packages = names.filter(name => !['@nobg/astro', '@nobg/ipx'].includes(name))
    const flags = ['--silent', '--no-audit', '--no-fund', `--registry=${registry.url}/`]
    await execa('npm', ['install', ...flags, ...packages, 'vite'], { cwd: project })
    await cp(join(PACKAGES_DIR, '../examples/vite/src/photos/coffee.png'), join(project, 'coffee.png'))
  }, 1_800_000)

  afterAll(() => {
    registry.close()
    return rm(project, { recursive: true, force: true })
  })

  test('no package of nobg needs an install script, and only the binaries of this system are installed', async () => {
    const lock = await readFile(join(project, 'node_modules/.package-lock.json'), 'utf8')
    const { packages } = JSON.parse(lock) as { packages: Record<string, { hasInstallScript?: boolean }> }
    const names = Object.keys(packages).map(path => path.slice(path.lastIndexOf('node_modules/') + 13))
    const runtimes = names.filter(name => /onnxruntime|@nobg.runtime/.test(name))
    expect(runtimes).toEqual([`@nobg/runtime-${process.platform}-${process.arch}`])
    const withScripts = Object.keys(packages).filter(path => packages[path].hasInstallScript)
    expect(withScripts).toEqual([])
  })

  test('@nobg/core and nobg remove a background offline', async () => {
    await writeFile(
      join(project, 'cut.js'),
      `import { removeBackground } from 'nobg'
      import * as core from '@nobg/core'
      if (core.removeBackground !== removeBackground) throw new Error('nobg has another core')
      const { width, height, format, data } = await removeBackground('coffee.png', { model: 'u2netp' })
      console.log(JSON.stringify({ width, height, format, magic: [...data.subarray(1, 4)] }))`,
    )
    const { stdout } = await execa(process.execPath, ['cut.js'], { cwd: project })
    expect(JSON.parse(stdout)).toEqual({ width: 600, height: 400, format: 'png', magic: [80, 78, 71] })
  })

  test('npx nobg removes a background', async () => {
    const words = ['--no-install', 'nobg', 'coffee.png', '--model', 'u2netp', '-o', 'cup.webp', '--json']
    const { stdout } = await execa('npx', words, { cwd: project })
    const [picture] = stdout.split('\n').map(line => JSON.parse(line))
    expect(picture).toMatchObject({ status: 'written', file: 'cup.webp', width: 600, height: 400 })
    expect(await readdir(project)).toContain('cup.webp')
  })

  test('unplugin-nobg/vite builds a page', async () => {
    await writeFile(join(project, 'index.html'), '<script type="module" src="./main.js"></script>')
    await writeFile(
      join(project, 'main.js'),
      `import url from './coffee.png?nobg'; document.body.append(url)`,
    )
    await writeFile(
      join(project, 'vite.config.js'),
      `import nobg from 'unplugin-nobg/vite'
      export default { plugins: [nobg({ substitute: 'u2netp', enabled: true })] }`,
    )
    await execa(process.execPath, [join(project, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: project })
    const assets = await readdir(join(project, 'dist/assets'))
    expect(assets.filter(file => /^coffee-.*\.webp$/.test(file))).toHaveLength(1)
  })

  test('pnpm 12, for which a script at install is an error, installs nobg, builds a page and runs the command', async () => {
    const manager = MANAGERS.find(({ title }) => title === 'pnpm 12')!
    const bins = [dirname(process.execPath), await installTool(dir, manager.tool, registry)]
    const { failures, installed } = await tryInstall(manager, bins, registry)
    expect(failures).toEqual({})
    expect(installed?.packages).toBeGreaterThan(30)
    // The binaries of one system are 46 MB, and those of all systems 290 MB.
    expect(installed?.megabytes).toBeLessThan(200)
  })
})
