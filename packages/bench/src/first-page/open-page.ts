import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** What one visit of a page has shown. */
export interface Visit {
  /** Time from the start of the navigation to the end of DOMContentLoaded, ms. */
  loadedMs: number
  /** Time from the start of the navigation until each cutout is shown, ms, in the order of the time. Empty without nobg. */
  cutoutMs: number[]
  /** Loads of the page after the first. */
  reloads: number
}

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** @throws {Error} if no Chromium is installed */
export function openBrowser(): Promise<Browser> {
  const executablePath = candidates.find(path => path && existsSync(path))
  if (!executablePath) throw new Error('expected an installed Chromium, found none: set CHROMIUM_PATH')
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  return chromium.launch({ executablePath, args })
}

/** A picture that does not appear within this time counts as missing. */
const LONGEST_MS = 120_000
const SAMPLE_EVERY_MS = 50

/**
 * Opens a page with an empty browser cache, and waits for its cutouts.
 *
 * @param pictures number of cutouts to wait for; 0 without nobg.
 */
export async function visitPage(browser: Browser, url: string, pictures: number): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    let loads = 0
    page.on('framenavigated', frame => {
      if (frame === page.mainFrame()) loads++
    })
    await page.goto(url, { waitUntil: 'domcontentloaded' })
    const loadedMs = await page.evaluate<number>(
      'performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd',
    )
    const cutoutMs = await awaitCutouts(page, pictures)
    return { loadedMs, cutoutMs, reloads: loads - 1 }
  } finally {
    await context.close()
  }
}

async function awaitCutouts(page: Page, pictures: number): Promise<number[]> {
  const shownAt = new Map<number, number>()
  const end = performance.now() + LONGEST_MS
  while (shownAt.size < pictures && performance.now() < end) {
    // A page that reloads has no context for a moment.
    const { now, shown } = await page
      .evaluate<Sample>(takeSample(pictures))
      .catch(() => ({ now: 0, shown: [] }))
    for (const index of shown) if (!shownAt.has(index)) shownAt.set(index, now)
    await page.waitForTimeout(SAMPLE_EVERY_MS)
  }
  return [...shownAt.values()].sort((a, b) => a - b)
}

interface Sample {
  /** Time since the start of the navigation, ms. */
  now: number
  /** Numbers of the pictures that are shown with transparent pixels. A photograph has none. */
  shown: number[]
}

/** JavaScript that returns a {@link Sample}. */
function takeSample(pictures: number): string {
  return `(() => {
  const side = 16
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })
  const isCutout = image => {
    if (!image?.complete || image.naturalWidth === 0) return false
    context.clearRect(0, 0, side, side)
    context.drawImage(image, 0, 0, side, side)
    return context.getImageData(0, 0, side, side).data.some((value, i) => i % 4 === 3 && value < 128)
  }
  const ids = Array.from({ length: ${pictures} }, (_, i) => i)
  return { now: performance.now(), shown: ids.filter(i => isCutout(document.querySelector('#n' + i))) }
})()`
}
