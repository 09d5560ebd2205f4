import { cpSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { look, openDesk } from './support/desk.ts'

const example = resolve(import.meta.dirname, '../../../examples/cli')

test('the example makes its cut-outs, without a network', async () => {
  const desk = openDesk()
  cpSync(resolve(example, 'photos'), desk.path('photos'), { recursive: true })
  const { scripts } = JSON.parse(readFileSync(resolve(example, 'package.json'), 'utf8'))
  const [name, ...words] = scripts.start.replaceAll('"', '').split(' ')
  expect(name).toBe('nobg')
  expect(await desk.start(words, { env: { NOBG_SUBSTITUTE: '' } })).toMatchObject({ code: 0 })
  const cutouts = desk.list().filter(file => file.startsWith('cutouts/'))
  expect(cutouts).toEqual(['cutouts/astronaut.png', 'cutouts/cat.png'])
  for (const cutout of cutouts)
    expect(await look(desk.path(cutout))).toMatchObject({ format: 'png', channels: 4 })
})
