import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'

const repository = resolve(import.meta.dirname, '../../..')

const read = (file: string) => readFile(resolve(repository, file), 'utf8')

/** The code blocks of a language in a page. */
function findBlocks(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text)
}

interface Workflow {
  jobs: Record<string, { steps: { uses?: string; run?: string }[] }>
}

function listSteps(text: string): string[] {
  const { jobs } = parseYaml(text, { strict: true, uniqueKeys: true }) as Workflow
  return Object.values(jobs).flatMap(({ steps }) => steps.map(({ uses, run }) => uses ?? run ?? ''))
}

describe('the recipes for CI', () => {
  test('are valid YAML, TOML and JSON', async () => {
    const page = await read('docs/ci.md')
    const workflows = findBlocks(page, 'yaml').map(listSteps)
    expect(workflows).toHaveLength(2)
    for (const steps of workflows) expect(steps).toContain('npm run build')
    // `npm ci` deletes the folder of the cache.
    const [, cached] = workflows
    expect(cached.lastIndexOf('actions/cache@v5')).toBeGreaterThan(cached.indexOf('npm ci'))
    const settings = findBlocks(page, 'toml').map(text => parseToml(text))
    expect(settings).toMatchObject([
      { build: { publish: 'dist' } },
      { build: { environment: { NODE_VERSION: '24' } } },
    ])
    expect(findBlocks(page, 'json').map(text => JSON.parse(text))).toMatchObject([
      { buildCommand: expect.stringContaining('npm run build') },
    ])
  })

  test('agree with the workflow of the example, whose scripts exist', async () => {
    const steps = listSteps(await read('examples/mattes/.github/workflows/build.yml'))
    const { scripts } = JSON.parse(await read('examples/mattes/package.json'))
    const names = steps.flatMap(step => /^npm run (\S+)$/.exec(step)?.[1] ?? [])
    expect(names).toEqual(['build', 'check-mattes'])
    for (const name of names) expect(Object.keys(scripts)).toContain(name)
  })
})
