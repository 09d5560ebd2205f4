/// <reference lib="dom" />
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromiumPath } from '../../unplugin/test/support/browser.ts'
import { distance, takeScreenshot } from '../../unplugin/test/support/screenshot.ts'
import { openServer, type TestServer } from './support/open-server.ts'

const sources = resolve(import.meta.dirname, '../page')
const photo = resolve(import.meta.dirname, '../page/src/coffee.jpg')
const note = chromiumPath ? '' : ' (skipped: no Chromium is installed; set CHROMIUM_PATH)'

let dir: string
let it: TestServer
let browser: Browser

/** Opens the page. `problems` contains its errors, and its requests to other hosts. */
async function openIt(): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', error => problems.push(error.message))
  page.on('request', request => {
    if (!request.url().startsWith(`${it.url}/`) && !request.url().startsWith('blob:'))
      problems.push(request.url())
  })
  await page.goto(it.url)
  await page.locator('#code:not(:empty)').waitFor()
  return { page, problems }
}

/** The data of a drop or of the clipboard. */
function transfer(page: Page, bytes: Buffer, name: string) {
  return page.evaluateHandle(
    ([base64, fileName]) => {
      const transfer = new DataTransfer()
      transfer.items.add(
        new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))], fileName, {
          type: 'image/jpeg',
        }),
      )
      return transfer
    },
    [bytes.toString('base64'), name] as const,
  )
}

/** Drops a file on the page. */
async function drop(page: Page, bytes: Buffer, name: string): Promise<void> {
  await page.dispatchEvent('main', 'drop', { dataTransfer: await transfer(page, bytes, name) })
}

async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describe.skipIf(!chromiumPath)(`the page, in Chromium${note}`, () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobg-page-'))
    vi.stubEnv('NOBG_CACHE_DIR', join(dir, 'cache'))
    const config = { configFile: join(sources, 'vite.config.ts'), logLevel: 'error' } as const
    await build({ ...config, build: { outDir: join(dir, 'page') } })
    vi.unstubAllEnvs()
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    browser = await chromium.launch({ executablePath: chromiumPath, args })
    it = await openServer({ page: join(dir, 'page') })
  })

  afterAll(async () => {
    await browser?.close()
    await it?.[Symbol.asyncDispose]()
    await rm(dir, { recursive: true, force: true })
  })

  test('a photograph that is dropped is cut out, compared and downloaded', async () => {
    const { page, problems } = await openIt()
    await page.fill('#key', 'id:secret')
    await drop(page, await readFile(photo), 'coffee.jpg')
    await page.locator('#download').waitFor()
    expect(await page.textContent('#status')).toMatch(/^Done: 600 × 400 px, 0\.\d\d MB\.$/)
    expect(await page.textContent('#draft')).toBe('draft: cut by u2netp')
    expect(await page.isVisible('#draft')).toBe(true)

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')])
    expect(download.suggestedFilename()).toBe('coffee-nobg.png')
    const file = await sharp(await readFile(await download.path())).metadata()
    expect(file).toMatchObject({ format: 'png', width: 600, height: 400, hasAlpha: true })

    // The table in the corner is brown.
    await page.check('#palette [aria-label="Teal"]')
    await page.focus('#split')
    await page.keyboard.press('Home')
    const teal = [0x12, 0xa5, 0x94]
    const fromTeal = async () => distance((await takeScreenshot(page, '#after', dir)).at(0.95, 0.1), teal)
    await expect.poll(fromTeal, { timeout: 20_000 }).toBeLessThanOrEqual(10)
    await page.keyboard.press('End')
    await expect.poll(fromTeal, { timeout: 20_000 }).toBeGreaterThan(40)
    await page.keyboard.press('ArrowLeft')
    expect(await page.getAttribute('#split', 'aria-valuetext')).toBe('99 % photograph, 1 % cutout')

    await page.reload()
    expect(await page.inputValue('#key')).toBe('id:secret')
    expect(problems).toEqual([])
  })

  test('the code and the call contain the choices', async () => {
    const { page } = await openIt()
    const readCode = async (dialect: string) => {
      await page.click(`label:has([value=${dialect}])`)
      return page.textContent('#code')
    }
    await page.fill('#key', 'id:secret')
    await page.selectOption('#model', 'Portrait')
    await page.selectOption('#format', 'webp')
    await page.uncheck('#refine')
    await page.setInputFiles('#file', photo)
    await page.locator('#download').waitFor()
    expect(await page.getAttribute('#download', 'download')).toBe('coffee-nobg.webp')
    const client = await readCode('client')
    for (const part of [
      `url: '${it.url}/api/fal/proxy', when: 'always'`,
      'credentials: process.env.FAL_KEY',
      "openAsBlob('coffee.jpg')",
      "model: 'Portrait',\n    output_format: 'webp',\n    refine_foreground: false,",
    ])
      expect(client).toContain(part)
    expect(await readCode('sharp')).toContain(
      "nobg('coffee.jpg', { model: 'portrait', refineForeground: false }).toFile('coffee-nobg.webp')",
    )
    expect(await readCode('import')).toContain(
      "'./coffee.jpg?model=portrait&refineForeground=false&outputFormat=webp&nobg'",
    )
  })

  test('a pasted photograph can be cancelled on the page and on the server, shown on another color, and its code copied', async () => {
    const { page } = await openIt()
    await page.fill('#key', 'id:secret')
    // Blocks the status calls until the request is cancelled.
    await page.route('**/status/stream*', () => {})
    const given = page.waitForRequest(request => request.url().includes('/status/stream'))
    await page.evaluate(
      clipboardData => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData })),
      await transfer(page, await readFile(photo), 'pasted.jpg'),
    )
    const path = new URL((await given).url()).pathname.replace(/\/status\/stream$/, '')
    const [cancelled] = await Promise.all([
      page.waitForResponse(response => response.url().endsWith('/cancel')),
      page.click('#cancel'),
    ])
    expect(new URL(cancelled.url()).pathname).toBe(`${path}/cancel`)
    expect([202, 400]).toContain(cancelled.status())
    expect(await page.textContent('#status')).toBe('Canceled.')
    expect(await page.isVisible('#download')).toBe(false)

    await page.unroute('**/status/stream*')
    await page.click('#start')
    await page.locator('#download').waitFor()
    await page.getByLabel('Custom').fill('#0000ff')
    await page.focus('#split')
    await page.keyboard.press('Home')
    expect(
      distance((await takeScreenshot(page, '#after', dir)).at(0.95, 0.1), [0, 0, 255]),
    ).toBeLessThanOrEqual(10)

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click('#copy')
    await page.locator('#copy:has-text("Copied")').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe(await page.textContent('#code'))
    expect(copied).toContain("openAsBlob('pasted.jpg')")
  })

  test('a wrong key and a damaged photograph are reported', async () => {
    const { page } = await openIt()
    await page.setInputFiles('#file', photo)
    const failure = page.locator('#status.failure')
    await failure.waitFor()
    expect(await failure.textContent()).toContain('Expected a valid key')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('key')
    await page.keyboard.type('id:secret')
    await page.keyboard.press('Enter')
    await page.locator('#download').waitFor()
    await drop(page, Buffer.from('no image'), 'coffee.jpg')
    const problem = page.locator('#compare [role=alert]:not(:empty)')
    await problem.waitFor()
    expect(await problem.textContent()).toBe('Expected an image, got text.')
    expect(await page.isVisible('#before')).toBe(false)
    expect(await page.isVisible('#download')).toBe(false)
    expect(await page.textContent('#status')).toBe('No cutout.')
    await drop(page, await readFile(photo), 'coffee.jpg')
    await page.locator('#download').waitFor()
    expect(await page.isVisible('#before')).toBe(true)
    expect(await page.textContent('#problem')).toBe('')
  })

  test('the chosen model itself gives no draft, and missing weights offer it', async () => {
    const { page } = await openIt()
    await page.fill('#key', 'id:secret')
    await page.route('**/requests/*', route =>
      route.fulfill({
        status: 500,
        headers: { 'x-nobg-error': 'WEIGHTS_UNAVAILABLE' },
        json: { detail: [{ loc: ['body'], msg: 'No weights.', type: 'internal_server_error' }] },
      }),
    )
    await page.setInputFiles('#file', photo)
    await page.locator('#stand-in').waitFor()
    expect(await page.textContent('#status')).toBe('No weights.')
    await page.unroute('**/requests/*')
    await page.click('#stand-in')
    await page.locator('#download').waitFor()
    expect(await page.inputValue('#model')).toBe('u2netp')
    expect(await page.isVisible('#stand-in')).toBe(false)
    expect(await page.isVisible('#draft')).toBe(false)
  })

  test('on a narrow screen, the chooser is above the picture and nothing is cut off', async () => {
    const { page } = await openIt()
    await page.setViewportSize({ width: 390, height: 844 })
    const topOf = async (name: string) => (await page.locator(name).boundingBox())!.y
    expect(await topOf('.drop')).toBeLessThan(await topOf('#compare'))
    expect(await topOf('#compare')).toBeLessThan(await topOf('#form'))
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })

  test('the page has no accessibility violation', async () => {
    const { page } = await openIt()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await findBarriers(page)).toEqual([])
    }
  })
})
