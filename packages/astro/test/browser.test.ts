import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'astro'
import { expect, onTestFinished, test, vi } from 'vitest'
import { chromiumPath, openPage } from '../../unplugin/test/support/browser.ts'
import { distance, takeScreenshot } from '../../unplugin/test/support/screenshot.ts'

const example = fileURLToPath(new URL('../../../examples/astro', import.meta.url))
/** The color of the example's page. */
const color = [0x12, 0xa5, 0x94]
const note = chromiumPath ? '' : ' (skipped: no Chromium is installed; set CHROMIUM_PATH)'

test.skipIf(!chromiumPath)(`the page's color shows through the example's cutouts${note}`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nobg-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, value] of Object.entries({ VITEST: undefined, NOBG_CACHE_DIR: join(folder, 'nobg') }))
    vi.stubEnv(name, value)
  const cwd = process.cwd()
  process.chdir(example)
  onTestFinished(() => process.chdir(cwd))
  const config = {
    root: example,
    outDir: join(folder, 'dist'),
    cacheDir: join(folder, 'astro'),
    logLevel: 'error',
  } as const
  await build(config)
  const server = await preview({ ...config, server: { port: 0, host: '127.0.0.1' } })
  onTestFinished(() => server.stop())
  const tab = await openPage(`http://127.0.0.1:${server.port}`)

  // The cat's photograph is brown at the top left, and its nose is in the middle.
  const cat = await takeScreenshot(tab, '#cutout', folder)
  expect(distance(cat.at(0, 0), color)).toBeLessThanOrEqual(8)
  expect(distance(cat.at(0.5, 0.7), color)).toBeGreaterThan(60)
  // The corners around the round, cropped cup are background.
  for (const selector of ['picture img', 'h2 + img']) {
    const cup = await takeScreenshot(tab, selector, folder)
    expect(distance(cup.at(0, 0), color)).toBeLessThanOrEqual(8)
    expect(distance(cup.at(0.5, 0.5), color)).toBeGreaterThan(60)
  }
})
