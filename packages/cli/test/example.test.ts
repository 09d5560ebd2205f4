import { cpSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { inspect, openWorkspace } from './support/workspace.ts'

const example = resolve(import.meta.dirname, '../../../examples/cli')

test('the example makes its cutouts, without a network', async () => {
  const workspace = openWorkspace()
  cpSync(resolve(example, 'photos'), workspace.path('photos'), { recursive: true })
  const { scripts } = JSON.parse(readFileSync(resolve(example, 'package.json'), 'utf8'))
  const [name, ...words] = scripts.start.replaceAll('"', '').split(' ')
  expect(name).toBe('nobg')
  expect(await workspace.start(words, { env: { NOBG_SUBSTITUTE: '' } })).toMatchObject({ code: 0 })
  const cutouts = workspace.list().filter(file => file.startsWith('cutouts/'))
  expect(cutouts).toEqual(['cutouts/astronaut.png', 'cutouts/cat.png'])
  for (const cutout of cutouts)
    expect(await inspect(workspace.path(cutout))).toMatchObject({ format: 'png', channels: 4 })
})
