import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

/** A screenshot of an element. */
export interface Screenshot {
  /** RGB of a pixel. `x` and `y` are fractions of the element's width and height. */
  at(x: number, y: number): [red: number, green: number, blue: number]
  /** Path of the screenshot. */
  file: string
}

/** Takes a screenshot of an element, once its image is loaded. */
export async function takeScreenshot(page: Page, selector: string, folder: string): Promise<Screenshot> {
  const element = page.locator(selector).first()
  await element.scrollIntoViewIfNeeded()
  await page.waitForFunction(
    `(image => image.complete && image.naturalWidth > 0)(document.querySelector(${JSON.stringify(selector)}))`,
  )
  const file = join(folder, `${selector.replace(/\W+/g, '')}.png`)
  await element.screenshot({ path: file })
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return {
    file,
    at(x, y) {
      const column = Math.min(info.width - 1, Math.floor(x * info.width))
      const row = Math.min(info.height - 1, Math.floor(y * info.height))
      const [red, green, blue] = data.subarray((row * info.width + column) * 3)
      return [red, green, blue]
    },
  }
}

/** Returns the greatest difference between the channels of two colors, 0 to 255. */
export function distance(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.map((value, index) => Math.abs(value - other[index])))
}
