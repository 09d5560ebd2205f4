import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { chromiumPath, openPage } from '../support/browser.ts'
import { distance, takeScreenshot } from '../support/screenshot.ts'

const example = fileURLToPath(new URL('../../../../examples/vite', import.meta.url))
/** The first background color of the page: yellow. */
const color = [0xf4, 0xb9, 0x42]
const note = chromiumPath ? '' : ' (skipped: no Chromium is installed; set CHROMIUM_PATH)'

test.skipIf(!chromiumPath)(`the backdrop shows through the example's cutouts${note}`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nobg-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  vi.stubEnv('VITEST', undefined)
  vi.stubEnv('NOBG_CACHE_DIR', join(folder, 'nobg'))
  const outDir = join(folder, 'dist')
  const config = { root: example, logLevel: 'error', build: { outDir } } as const
  await build(config)
  const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
  onTestFinished(() => server.close())
  const page = await openPage(server.resolvedUrls?.local[0] ?? '')

  // Next to the cat's cheek, next to the astronaut's head, and in a corner outside of the round saucer.
  for (const [selector, x, y] of [
    ['.cat img', 0.97, 0.6],
    ['.portrait img', 0.9, 0.3],
    ['.steps .backdrop', 0.06, 0.1],
  ] as const) {
    const screenshot = await takeScreenshot(page, selector, folder)
    expect(distance(screenshot.at(x, y), color)).toBeLessThanOrEqual(8)
    expect(distance(screenshot.at(0.5, 0.5), color)).toBeGreaterThan(40)
  }
})
