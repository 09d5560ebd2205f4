import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspace, type Workspace } from './support/workspace.ts'

const plugin = resolve(import.meta.dirname, '../node_modules/unplugin-nobg')

function write(workspace: Workspace, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(workspace.path(name)), { recursive: true })
    writeFileSync(workspace.path(name), text)
  }
}

/** A project with the plugin and two marked imports. */
function openProject(files: Record<string, string> = {}): Workspace {
  const workspace = openWorkspace()
  write(workspace, {
    'package.json': '{}',
    'tsconfig.json': '{ "include": ["src"] }',
    'src/main.ts': "import a from './a.jpg?nobg&crop=5%'\nimport b from './b.jpg?nobg'",
    ...files,
  })
  mkdirSync(workspace.path('node_modules'))
  symlinkSync(plugin, workspace.path('node_modules/unplugin-nobg'))
  return workspace
}

test('nobg types writes the file, and --check compares it', async () => {
  const workspace = openProject()
  const file = 'src/nobg-env.d.ts'
  const old = {
    code: 1,
    stdout: `${file}: out of date, 2 marked imports. Run nobg types, and commit the file.`,
  }
  expect(await workspace.run(['types', '--check'])).toMatchObject(old)
  expect(workspace.list()).not.toContain(file)
  expect(await workspace.run(['types'])).toMatchObject({
    code: 0,
    stdout: `${file}: written, 2 marked imports`,
  })
  expect(readFileSync(workspace.path(file), 'utf8')).toContain('declare module "*?nobg&crop=5%" {')
  const current = { code: 0, stdout: `${file}: up to date, 2 marked imports` }
  expect(await workspace.run(['types', '--check'])).toMatchObject(current)
  write(workspace, { 'src/main.ts': "import a from './a.jpg?nobg&crop=6%'" })
  expect(await workspace.run(['types', '--check'])).toMatchObject({ code: 1 })
})

test('nobg types takes a folder, and the path of the file', async () => {
  const workspace = openProject({
    'site/package.json': '{}',
    'site/main.ts': "import a from './a.jpg?nobg&crop=1'",
  })
  expect((await workspace.run(['types', 'site'])).stdout).toBe('site/nobg-env.d.ts: written, 1 marked import')
  const { stdout } = await workspace.run(['types', 'site', '--file', 'types/images.d.ts'])
  expect(stdout).toBe('types/images.d.ts: written, 1 marked import')
  expect(workspace.list()).toContain('types/images.d.ts')
})

test('a project of Astro needs no file', async () => {
  const workspace = openProject({ 'astro.config.mjs': '' })
  const result = { code: 0, stdout: 'Astro declares the imports itself: run astro sync.' }
  expect(await workspace.run(['types'])).toMatchObject(result)
})

test('a project without the plugin is an error that says what to install', async () => {
  const workspace = openWorkspace()
  // The program that starts the tests may set the variable.
  const { code, stderr } = await workspace.start(['types'], { env: { NODE_PATH: '' } })
  expect(code).toBe(2)
  expect(stderr).toContain('npm i -D unplugin-nobg')
})

test('a missing folder is an error', async () => {
  const { code, stderr } = await openWorkspace().run(['types', 'sites'])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("Expected the folder of a project, got 'sites'."),
  ])
})
