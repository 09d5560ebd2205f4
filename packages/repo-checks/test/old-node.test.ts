import { access, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

const packagesDir = resolve(import.meta.dirname, '../..')
const tsc = resolve(packagesDir, '../node_modules/.bin/tsc')
const withCode = ['onnx-optimizer', 'core', 'unplugin', 'server', 'cli', 'sharp', 'astro']

const SENTENCE = /^nobg: Expected Node [\d.]+ or newer, got Node 20\.[\d.]+: install a newer Node\.$/

// A missing named export of a module of Node is a SyntaxError before any module runs.
test('every entry links on Node 20, and says in one sentence that Node is too old', async ({ skip }) => {
  const node = await findNode('v20.')
  if (!node) return skip('needs a Node 20 on the PATH')
  const modules = join(await mkdtemp(join(tmpdir(), 'nobg-old-node-')), 'node_modules')
  onTestFinished(() => rm(dirname(modules), { recursive: true, force: true }))
  const entries = (await Promise.all(withCode.map(name => install(name, modules)))).flat()
  expect(entries.length).toBeGreaterThan(15)
  const results = new Map<string, string>()
  for (const entry of entries) {
    const script = `import(${JSON.stringify(entry)}).then(() => console.log('runs'), error => console.log(error.stack))`
    const { stdout, stderr } = await execa(node, ['-e', script], { cwd: dirname(modules), reject: false })
    // These know nothing of nobg and have no check.
    const isFree = /onnx-optimizer|^@nobg\/server\/|^@nobg\/core\/matting$/.test(entry)
    // A program prints the sentence itself.
    const output = stdout + stderr
    const isRight = SENTENCE.test(output) || (isFree && /^runs$|^Usage/m.test(output))
    results.set(entry, isRight ? 'right' : output)
  }
  expect(Object.fromEntries(results)).toEqual(Object.fromEntries(entries.map(entry => [entry, 'right'])))
})

/** Finds a Node of a version on the PATH. */
async function findNode(version: string): Promise<string | undefined> {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const { stdout } = await execa(join(dir, 'node'), ['--version'], { reject: false })
    if (stdout?.startsWith(version)) return join(dir, 'node')
  }
  return undefined
}

/** Builds a package as it is published, with links to its dependencies. @returns its public entries and programs */
async function install(name: string, modules: string): Promise<string[]> {
  const folder = join(packagesDir, name)
  const source = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const manifest = { ...source, ...source.publishConfig }
  const target = join(modules, String(manifest.name))
  await mkdir(target, { recursive: true })
  await writeFile(join(target, 'package.json'), JSON.stringify(manifest))
  await execa(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')], { cwd: folder })
  for (const dependency of await listDependencies(join(folder, 'node_modules'))) {
    const path = await realpath(join(folder, 'node_modules', dependency))
    const isOwn = dirname(path) === packagesDir
    if (isOwn) continue
    await mkdir(dirname(join(target, 'node_modules', dependency)), { recursive: true })
    await symlink(path, join(target, 'node_modules', dependency), 'junction')
  }
  const { bin = {}, exports = {} } = manifest as {
    bin?: Record<string, string>
    exports?: Record<string, { default?: string }>
  }
  const paths = Object.entries(exports).filter(([, { default: code }]) => code)
  const files = [...paths.map(([, { default: code }]) => String(code)), ...Object.values(bin)]
  for (const file of files) await access(join(target, file))
  return [
    ...paths.map(([path]) => join(String(manifest.name), path)),
    ...Object.values(bin).map(file => `./${join('node_modules', String(manifest.name), file)}`),
  ]
}

async function listDependencies(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  const scopes = names.filter(name => name.startsWith('@'))
  const scoped = scopes.map(async scope =>
    (await readdir(join(folder, scope))).map(name => `${scope}/${name}`),
  )
  const plain = names.filter(name => !/^[.@]/.test(name))
  return [...plain, ...(await Promise.all(scoped)).flat()]
}
