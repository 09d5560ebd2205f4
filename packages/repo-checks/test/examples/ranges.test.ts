import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { HOSTS } from '../../src/packed/hosts.ts'
import { WASM_EXAMPLES } from '../../src/packed/try-wasm.ts'

const repository = resolve(import.meta.dirname, '../../../..')
const examples = readdirSync(join(repository, 'examples'))
const workspace = parse(readFileSync(join(repository, 'pnpm-workspace.yaml'), 'utf8'))

function readManifest(folder: string) {
  return JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8'))
}

const versions = new Map(
  readdirSync(join(repository, 'packages')).map(folder => {
    const { name, version } = readManifest(`packages/${folder}`)
    return [name as string, `^${version}`]
  }),
)

test.each(examples)('the ranges of the example %s can be installed outside the workspace', name => {
  const { dependencies = {}, devDependencies = {} } = readManifest(`examples/${name}`)
  const ranges: Record<string, string> = { ...dependencies, ...devDependencies }
  expect(Object.keys(ranges)).not.toEqual([])
  for (const [dependency, range] of Object.entries(ranges))
    expect(range, dependency).toBe(versions.get(dependency) ?? workspace.catalog[dependency] ?? range)
  expect(Object.values(ranges).filter(range => !/^\^?\d+\.\d+\.\d+$/.test(range))).toEqual([])
})

test('the examples outside the workspace are those that the script of hosts builds', () => {
  const [, list] = /^!examples\/\{(.*)\}$/.exec(workspace.packages.find((text: string) => text[0] === '!'))!
  expect(list.split(',').sort()).toEqual(HOSTS.map(({ example }) => example).sort())
})

test.each(Object.keys(WASM_EXAMPLES))('the example %s opens in StackBlitz with kept mattes', name => {
  const { scripts, stackblitz } = readManifest(`examples/${name}`)
  const script = scripts.dev ? 'dev' : 'build'
  expect(stackblitz).toEqual({
    installDependencies: false,
    startCommand: `npm install --cpu=wasm32 && npm run ${script}`,
  })
  expect(readdirSync(join(repository, 'examples', name, 'mattes'))).not.toEqual([])
  const readme = readFileSync(join(repository, 'examples', name, 'README.md'), 'utf8')
  expect(readme).toContain(`https://stackblitz.com/github/nobg/nobg/tree/main/examples/${name})`)
})
