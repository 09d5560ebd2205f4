import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Checkout, checkOut } from './checkout.ts'

let checkout: Checkout

beforeAll(async () => {
  checkout = await checkOut('fal-client')
})

afterAll(() => checkout.remove())

test('the program names only the hosted endpoint', async () => {
  expect(await readFile(checkout.path('app.js'), 'utf8')).not.toMatch(/nobg|127\.0|localhost|proxy|http:/i)
})

test('the program runs against a server on this machine', async () => {
  const { failed, usedModel, output } = await checkout.run('node', '--run', 'start')
  expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: true })
  expect(output).toContain('Running u2netp.')
  const cutout = sharp(await readFile(checkout.path('dist/cat.png')))
  expect(await cutout.metadata()).toMatchObject({ width: 240, height: 160, hasAlpha: true })
  const [alpha] = (await cutout.extractChannel('alpha').stats()).channels
  expect(alpha.min).toBe(0)
  expect(alpha.max).toBeGreaterThan(128)
})

test('reports a damaged photograph as the hosted endpoint does', async () => {
  await writeFile(checkout.path('cat.jpg'), 'no image')
  const { failed, output } = await checkout.run('node', '--run', 'start')
  expect(failed).toBe(true)
  expect(output).toContain('cat.jpg: Expected an image, got text.')
})
