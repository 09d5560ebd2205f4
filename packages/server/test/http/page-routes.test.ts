import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { models } from '@nobg/core'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPageRoutes } from '../../src/http/page-routes.ts'
import type { PageSettings } from '../../src/http/page-settings.ts'

let dir: string
let app: Hono

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-page-'))
  await mkdir(join(dir, 'built/page'), { recursive: true })
  await writeFile(join(dir, 'built/index.html'), '<!doctype html>')
  await writeFile(join(dir, 'built/page/index-1a2b.js'), '')
  await writeFile(join(dir, 'secret.txt'), 'secret')
  await writeFile(join(dir, 'built/style.css'), 'body {}')
  await writeFile(join(dir, 'built/other page.html'), '<!doctype html>other')
  await writeFile(join(dir, 'built/.env'), 'SECRET=1')
  await mkdir(join(dir, 'built/.git'))
  await writeFile(join(dir, 'built/.git/config'), 'secret')
  app = createPageRoutes(join(dir, 'built'), true, {})
})

afterAll(() => rm(dir, { recursive: true, force: true }))

test('the page is revalidated, loads from its own origin only, and cannot be framed', async () => {
  const { status, headers } = await app.request('/')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch('text/html')
  expect(headers.get('cache-control')).toBe('no-cache')
  const policy = headers.get('content-security-policy')
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
    expect(policy).toContain(rule)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(headers.get('strict-transport-security')).toBeNull()
})

test('its files are immutable for caches', async () => {
  const { status, headers } = await app.request('/page/index-1a2b.js')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch('text/javascript')
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

test.each([
  ['/style.css', 'text/css', 'body {}'],
  ['/index.html', 'text/html', '<!doctype html>'],
  ['/other%20page.html', 'text/html', '<!doctype html>other'],
])('%s of the folder is served with the policy of the page', async (path, type, text) => {
  const response = await app.request(path)
  expect([response.status, await response.text()]).toEqual([200, text])
  expect(response.headers.get('content-type')).toMatch(type)
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

test.each([
  '/.env',
  '/.git/config',
  '/%2eenv',
  '/%2Egit/config',
  '/page/../.env',
  '/page%2f..%2f.env',
  '/%zz',
])('%s is not found', async path => {
  const response = await app.request(path)
  expect([response.status, response.headers.get('cache-control')]).toEqual([404, null])
})

test.each([
  '/page/none.js',
  '/page/',
  '/page/../index.html',
  '/page/..%2f..%2fsecret.txt',
  '/page/%2e%2e/%2e%2e/secret.txt',
  '/page/..\\..\\secret.txt',
])('%s serves no file', async path => {
  const response = await app.request(path)
  expect(response.status === 404 || (await response.text()) === '<!doctype html>').toBe(true)
})

test('a page that is not built answers with the command that builds it', async () => {
  const response = await createPageRoutes(join(dir, 'none'), false, {}).request('/')
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('pnpm --filter @nobg/server build')
})

describe('the settings of the page', () => {
  const readSettings = async (...words: Parameters<typeof createPageRoutes>): Promise<PageSettings> =>
    (await createPageRoutes(...words).request('/page/settings.json')).json() as Promise<PageSettings>

  test("contain models by the names that the endpoint accepts, and the server's own", async () => {
    const own = { path: 'own.onnx', resolution: 512 } as never
    const settings = await readSettings(dir, true, { models: { own } })
    expect(settings.needsKey).toBe(true)
    expect(settings.models.map(({ id }) => id)).toEqual([...models.map(({ id }) => id), 'own'])
    const values = settings.models.map(({ value }) => value)
    for (const value of ['General Use (Light)', 'Portrait', 'matting', 'own']) expect(values).toContain(value)
  })

  test.each([
    [undefined, /BiRefNet/, /embedded/],
    ['u2netp', /u2netp runs instead/, /embedded/],
    [{ portrait: 'u2netp' }, /u2netp runs instead/, /embedded/],
    [{ Portrait: 'u2netp' }, /u2netp runs instead/, /embedded/],
  ])('name the model that runs with substitute %j', async (substitute, portrait, u2netp) => {
    const { models } = await readSettings(dir, false, { substitute })
    expect(models.find(({ id }) => id === 'portrait')?.about.join()).toMatch(portrait)
    expect(models.find(({ id }) => id === 'u2netp')?.about.join()).toMatch(u2netp)
  })
})
