import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { globSync } from 'tinyglobby'
import { afterAll, expect, test } from 'vitest'
import { REPOSITORY } from '../../src/docs/markdown.ts'
import { declarePictures, listSnippets, toModule } from '../../src/docs/snippets.ts'

const folder = join(REPOSITORY, '.conformance', `snippets-${process.pid}`)

/** The folders of all packages of the workspace, and of their dependencies, by name. */
function findPackages(): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of globSync('{packages,examples}/*/package.json', { cwd: REPOSITORY, absolute: true })) {
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'))
    found.set(name, dirname(file))
    for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
      const folder = join(dirname(file), 'node_modules', dependency)
      if (!found.has(dependency) && existsSync(folder)) found.set(dependency, folder)
    }
  }
  return found
}

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    lib: ['ES2024', 'DOM', 'DOM.AsyncIterable', 'ESNext.Disposable'],
    module: 'nodenext',
    moduleDetection: 'force',
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    strict: true,
    noImplicitAny: false,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['.'],
}

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the TypeScript and JavaScript of READMEs and pages type-checks', async () => {
  const snippets = listSnippets().filter(({ check }) => check !== 'none')
  expect(snippets.length).toBeGreaterThan(30)
  for (const [name, target] of findPackages()) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(target, link, 'junction')
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  await writeFile(join(folder, 'pictures.d.ts'), declarePictures(snippets))
  const places = new Map<string, string>()
  for (const [i, snippet] of snippets.entries()) {
    const file = `snippet-${i}.${snippet.code.includes('require(') ? 'c' : ''}${snippet.language}`
    places.set(file, `${snippet.page}:${snippet.line}`)
    await writeFile(join(folder, file), toModule(snippet))
  }
  const tsc = join(REPOSITORY, 'node_modules/.bin/tsc')
  const { stdout } = await execa(tsc, ['-p', '.', '--pretty', 'false'], { cwd: folder, reject: false })
  const errors = stdout.replace(/snippet-\d+\.c?[jt]s/g, file => `${places.get(file)} ${file}`)
  expect(errors).toBe('')
})
