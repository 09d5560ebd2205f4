import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { REPOSITORY } from '../../src/docs/markdown.ts'
import { declarePictures, listSnippets, toModule } from '../../src/docs/snippets.ts'

const folder = join(REPOSITORY, '.conformance', `snippets-${process.pid}`)

/** The folders of the packages that snippets import. */
const PACKAGES: Record<string, string> = {
  '@astrojs/starlight': 'docs/node_modules/@astrojs/starlight',
  '@fal-ai/client': 'packages/server/node_modules/@fal-ai/client',
  '@nobg/astro': 'packages/astro',
  '@nobg/core': 'packages/core',
  '@nobg/onnx-optimizer': 'packages/onnx-optimizer',
  '@nobg/review': 'packages/review',
  '@nobg/server': 'packages/server',
  '@nobg/sharp': 'packages/sharp',
  '@types/node': 'node_modules/@types/node',
  astro: 'docs/node_modules/astro',
  esbuild: 'examples/esbuild/node_modules/esbuild',
  hono: 'packages/server/node_modules/hono',
  nobg: 'packages/cli',
  sharp: 'packages/sharp/node_modules/sharp',
  'unplugin-nobg': 'packages/unplugin',
  vite: 'packages/unplugin/node_modules/vite',
  'vite-imagetools': 'packages/unplugin/node_modules/vite-imagetools',
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
  for (const [name, target] of Object.entries(PACKAGES)) {
    const link = join(folder, 'node_modules', name)
    await mkdir(join(link, '..'), { recursive: true })
    await symlink(join(REPOSITORY, target), link, 'junction')
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
