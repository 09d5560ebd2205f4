/// <reference lib="dom" />
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Path of an installed Chromium; undefined if there is none. */
export const chromiumPath = candidates.find(path => path && existsSync(path))

/** Opens a page in headless Chromium until the end of the test. */
export async function openPage(url: string): Promise<Page> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  const browser = await chromium.launch({ executablePath: chromiumPath, args })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)
  return page
}

/** Alpha of the top left corner and the size of an element's picture, as the browser decodes it. */
export function readCorner(
  page: Page,
  selector: string,
): Promise<{ url: string; alpha: number; width: number; height: number }> {
  return page.$eval(selector, async element => {
    const background = getComputedStyle(element).backgroundImage
    const url =
      element instanceof HTMLImageElement ? element.src : (/url\("(.+?)"\)/.exec(background)?.[1] ?? '')
    // An image element is read as it is shown. A background is requested again.
    const image = element instanceof HTMLImageElement ? element : new Image()
    if (image !== element) image.src = url
    await image.decode()
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0)
    const alpha = context?.getImageData(0, 0, 1, 1).data[3] ?? -1
    return { url: new URL(url).pathname, alpha, width: image.naturalWidth, height: image.naturalHeight }
  })
}
