import { cp, readFile, rm } from 'node:fs/promises'
import { relative } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Checkout, checkOut, listFiles } from './checkout.ts'

const build = ['node', '--run', 'build'] as const

let checkout: Checkout

beforeAll(async () => {
  checkout = await checkOut('mattes')
})

afterAll(() => checkout.remove())

const listMattes = async () =>
  (await listFiles(checkout.path('mattes'))).map(file => relative(checkout.root, file))

/** Alpha at a point of the cutout of a photograph: x and y from 0 to 1. */
async function alphaAt(name: string, x: number, y: number): Promise<number> {
  const file = (await listFiles(checkout.path('dist/assets'))).find(path => path.includes(`${name}-`))!
  const { data, info } = await sharp(await readFile(file))
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(info.channels).toBe(4)
  return data[(Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 4 + 3]
}

test('the committed mattes are current and have no findings', async () => {
  const { failed, output } = await checkout.run('node', '--run', 'check-mattes')
  expect({ failed, output: output.trim() }).toEqual({
    failed: false,
    output: expect.stringMatching(/^3 mattes checked, 0 with findings$/m),
  })
  const mattes = JSON.parse((await checkout.run('nobg', 'mattes', '--mattes', 'mattes', '--json')).output)
  expect(mattes.map(({ by, state }: Record<string, string>) => [by, state])).toEqual([
    ['hand', 'current'],
    ['model', 'current'],
    ['model', 'current'],
  ])
})

test('a frozen build runs no model, writes no matte, and uses the corrections', async () => {
  const before = await listMattes()
  const { failed, usedModel, output } = await checkout.run(...build)
  expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: false })
  expect(output).not.toContain('probably wrong')
  expect(await listMattes()).toEqual(before)
  // The flag left of the astronaut, which a person erased, and the suit beside it.
  expect(await alphaAt('astronaut', 0.01, 0.6)).toBe(0)
  expect(await alphaAt('astronaut', 0.3, 0.6)).toBe(255)
  expect(await alphaAt('coffee', 0.06, 0.1)).toBe(0)
  expect(await alphaAt('coffee', 0.5, 0.5)).toBe(255)
})

test('a frozen build fails if the matte of a new photograph was not committed', async () => {
  await cp(checkout.path('src/photos/coffee.png'), checkout.path('src/photos/old.png'))
  await sharp(await readFile(checkout.path('src/photos/old.png')))
    .flop()
    .toFile(checkout.path('src/photos/coffee.png'))
  const { failed, usedModel, output } = await checkout.run(...build)
  expect({ failed, usedModel }, output).toEqual({ failed: true, usedModel: false })
  expect(output).toContain('src/photos/coffee.png (model u2netp, 320 px)')
  expect(output).toContain('NOBG_FROZEN=0')
  await cp(checkout.path('src/photos/old.png'), checkout.path('src/photos/coffee.png'))
})

test('a build without the folder makes mattes of the same names', async () => {
  const before = await listMattes()
  await rm(checkout.path('mattes'), { recursive: true })
  await rm(checkout.path('.nobg-cache'), { recursive: true })
  const { failed, usedModel, output } = await checkout.run(...build)
  expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: true })
  expect(await listMattes()).toEqual(before)
  // The model keeps the flag: this is what the correction is for.
  expect(await alphaAt('astronaut', 0.01, 0.6)).toBeGreaterThan(50)
})
