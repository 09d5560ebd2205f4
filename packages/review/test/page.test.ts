/// <reference lib="dom" />
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { chromiumPath } from '../../unplugin/test/support/browser.ts'
import { openReview, removeCache, type TestReview } from './support/open-review.ts'

const sources = resolve(import.meta.dirname, '../page')
const note = chromiumPath ? '' : ' (skipped: no Chromium is installed; set CHROMIUM_PATH)'

/** Size of the cat's photograph, px. */
const [WIDTH, HEIGHT] = [240, 160]

let built: string
let browser: Browser

interface Opened {
  it: TestReview
  page: Page
  /** Errors of the page, and its requests to other hosts. */
  problems: string[]
}

async function open(
  files: Parameters<typeof openReview>[0],
  context: BrowserContextOptions = {},
  options: Parameters<typeof openReview>[1] = {},
  prepare: (it: TestReview) => Promise<void> = async () => {},
): Promise<Opened> {
  const it = await openReview(files, { page: built, base: '/__nobg/', ...options })
  onTestFinished(() => it[Symbol.asyncDispose]())
  await prepare(it)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...context })
  onTestFinished(() => page.context().close())
  const problems: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', error => problems.push(error.message))
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith(it.served.url) && !url.startsWith('blob:')) problems.push(url)
  })
  await page.goto(it.served.url)
  await page
    .locator('#summary:not(:has-text("Checked"))', { hasText: /^\d+ picture/ })
    .waitFor({ timeout: 100_000 })
  return { it, page, problems }
}

/** Opens a picture, in the view of its matte. */
async function openPicture(page: Page, name: string): Promise<void> {
  await page.locator('#grid a', { hasText: name }).click()
  await page.locator('#stage canvas').waitFor()
  await page.click('label:has([value=matte])')
}

/** Clicks an element that asks, and answers. The question may come after the click has ended. */
async function answer(page: Page, selector: string, choice: 'accept' | 'dismiss'): Promise<void> {
  await Promise.all([page.waitForEvent('dialog').then(dialog => dialog[choice]()), page.click(selector)])
}

/** The point of the screen that shows a point of the picture. */
async function locate(page: Page, x: number, y: number): Promise<[x: number, y: number]> {
  const box = (await page.locator('#stage canvas').first().boundingBox())!
  const percent = Number.parseFloat((await page.textContent('#zoom-level'))!)
  const density = await page.evaluate(() => devicePixelRatio)
  const scale = Math.min(box.width / WIDTH, box.height / HEIGHT)
  expect(Math.abs(scale * density - percent / 100)).toBeLessThan(0.01)
  return [box.x + box.width / 2 + (x - WIDTH / 2) * scale, box.y + box.height / 2 + (y - HEIGHT / 2) * scale]
}

/** Paints a line with the mouse. */
async function paint(page: Page, ...points: [x: number, y: number][]): Promise<void> {
  await page.mouse.move(...(await locate(page, ...points[0])))
  await page.mouse.down()
  for (const point of points.slice(1)) await page.mouse.move(...(await locate(page, ...point)), { steps: 5 })
  await page.mouse.up()
}

/** Color of the stage at a point of the picture, after the pointer has left: RGB. */
async function readStage(page: Page, x: number, y: number): Promise<number[]> {
  await page.mouse.move(5, 5)
  const [left, top] = await locate(page, x, y)
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
  const shot = await page.screenshot({
    clip: { x: Math.round(left), y: Math.round(top), width: 1, height: 1 },
  })
  return [...(await sharp(shot).removeAlpha().raw().toBuffer())]
}

const readLevel = async (page: Page, x: number, y: number) => (await readStage(page, x, y))[0]

async function setSlider(page: Page, id: string, value: number): Promise<void> {
  await page.locator(id).fill(String(value))
}

async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** A gray matte with findings, as the photograph's own. */
async function writeDoubtful(it: TestReview): Promise<void> {
  const matte = sharp({ create: { width: 160, height: 100, channels: 3, background: '#808080' } })
    .extend({ top: 30, bottom: 30, left: 40, right: 40, background: '#000' })
    .png()
  await writeFile(it.path('src/doubt.matte.png'), await matte.toBuffer())
}

describe.skipIf(!chromiumPath)(`the page, in Chromium${note}`, () => {
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'nobg-review-page-'))
    await build({ configFile: join(sources, 'vite.config.ts'), logLevel: 'error', build: { outDir: built } })
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    browser = await chromium.launch({ executablePath: chromiumPath, args })
  })

  afterAll(async () => {
    await browser?.close()
    await rm(built, { recursive: true, force: true })
    await removeCache()
  })

  test('doubtful pictures come first, and filters and search select pictures', async () => {
    const files = { 'src/a.jpg': 'cat', 'src/b.jpg': 'cat', 'src/doubt.jpg': 'cat' } as const
    const { page, problems } = await open(files, {}, {}, writeDoubtful)
    const names = () => page.locator('#grid b').allTextContents()
    expect(await names()).toEqual(['doubt.jpg', 'a.jpg', 'b.jpg'])
    expect(await page.textContent('#summary')).toBe('3 pictures. 1 doubtful.')
    await page.click('label:has([value=doubtful])')
    expect(await names()).toEqual(['doubt.jpg'])
    await page.click('label:has([value=reviewed])')
    expect(await page.textContent('#nothing')).toBe('No picture matches.')
    await page.click('#filters label:has([value=all])')
    await page.fill('#search', 'B.JPG')
    expect(await names()).toEqual(['b.jpg'])
    expect(problems).toEqual([])
  })

  test('only pictures in view have their previews requested, and the end of a long list does not wait for the rest', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 80 }, (_, i) => [`src/${String(i).padStart(3, '0')}.jpg`, 'cat'] as const),
    )
    const { page, problems } = await open(files)
    const requested = new Set<string>()
    page.on('request', request => {
      if (request.url().includes('size=small')) requested.add(new URL(request.url()).pathname)
    })
    await page.clock.install()
    await page.reload()
    const isShown = (index: number) =>
      page.waitForFunction(at => {
        const image = [...document.querySelectorAll('#grid li')].at(at)?.querySelector('img')
        return image?.complete && image.naturalWidth > 0
      }, index)
    await isShown(0)
    // At 1280 × 800 px, a row has four cards, of which a window and its margin hold four rows.
    const inRow = 4
    await page.waitForTimeout(1000)
    expect(requested.size).toBeGreaterThanOrEqual(inRow)
    expect(requested.size).toBeLessThanOrEqual(6 * inRow)
    // The page's timers stand still, so that this scrolls too fast for any card in between.
    await page.clock.pauseAt(Date.now() + 1000)
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    for (let top = 0; top < height; top += 600) {
      await page.evaluate(top => scrollTo(0, top), top)
      await page.waitForTimeout(50)
    }
    expect(requested.size).toBeLessThanOrEqual(6 * inRow)
    await page.clock.resume()
    await isShown(-1)
    expect(requested.size).toBeLessThanOrEqual(2 * 6 * inRow)
    expect(problems).toEqual([])
  })

  test('every view shows the picture, on every background', async () => {
    const { page, problems } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    expect(await readLevel(page, 110, 70)).toBeGreaterThan(240)
    expect(await readLevel(page, 10, 150)).toBe(0)
    await page.click('label:has([value=cutout])')
    for (const [name, color] of [
      ['White', [255, 255, 255]],
      ['Black', [0, 0, 0]],
      ['Magenta', [255, 0, 255]],
    ] as const) {
      await page.click(`[aria-label=${name}]`)
      expect(await readStage(page, 10, 150)).toEqual(color)
    }
    await page.getByLabel('Custom').fill('#123456')
    expect(await readStage(page, 10, 150)).toEqual([0x12, 0x34, 0x56])
    await page.click('label:has([value=split])')
    await page.focus('#split')
    await page.keyboard.press('End')
    expect(await readStage(page, 10, 150)).not.toEqual([0x12, 0x34, 0x56])
    await page.keyboard.press('Home')
    expect(await readStage(page, 10, 150)).toEqual([0x12, 0x34, 0x56])
    expect(await page.getAttribute('#split', 'aria-valuetext')).toBe('0 % photograph, 100 % cutout')
    await page.click('#views label:has([value=all])')
    expect(await page.locator('#stage figcaption').allTextContents()).toEqual([
      'Photograph',
      'Matte',
      'Cutout',
    ])
    expect(problems).toEqual([])
  })

  test('the wheel zooms to pixels, dragging moves the picture, and both can be undone by Fit', async () => {
    const { page } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    const fitted = await page.textContent('#zoom-level')
    await page.mouse.move(...(await locate(page, 120, 80)))
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -300)
    await expect
      .poll(async () => Number.parseInt((await page.textContent('#zoom-level'))!, 10))
      .toBeGreaterThan(2000)
    const box = (await page.locator('#stage').boundingBox())!
    const at = async () =>
      sharp(await page.screenshot({ clip: { ...box, x: box.x + box.width / 2, width: 1, height: 1 } }))
        .raw()
        .toBuffer()
    expect((await at())[0]).toBeGreaterThan(200)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 5, box.y + box.height - 5, { steps: 5 })
    await page.mouse.up()
    await page.click('#zoom-pixels')
    expect(await page.textContent('#zoom-level')).toBe('100 %')
    await page.click('#zoom-fit')
    expect(await page.textContent('#zoom-level')).toBe(fitted)
  })

  test('the mouse erases and restores, strokes are undone and redone, and accepting writes the matte', async () => {
    const { it, page, problems } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    expect(await page.isDisabled('#accept')).toBe(true)
    await page.click('label:has([value=erase])')
    await page.click('label:has([value=nothing])')
    await setSlider(page, '#size', 20)
    await paint(page, [100, 70], [120, 70])
    expect(await readLevel(page, 110, 70)).toBe(0)
    expect(await readLevel(page, 110, 90)).toBeGreaterThan(240)
    await page.click('label:has([value=restore])')
    await paint(page, [10, 150], [20, 150])
    expect(await readLevel(page, 15, 150)).toBe(255)
    await page.click('#undo')
    expect(await readLevel(page, 15, 150)).toBe(0)
    await page.keyboard.press('Control+z')
    expect(await readLevel(page, 110, 70)).toBeGreaterThan(240)
    expect(await page.isDisabled('#accept')).toBe(true)
    await page.keyboard.press('Control+Shift+z')
    await page.click('#redo')
    expect(await readLevel(page, 110, 70)).toBe(0)
    expect(await readLevel(page, 15, 150)).toBe(255)
    await page.click('#accept')
    await page.locator('#status', { hasText: 'Written: src/cat.matte.png' }).waitFor()
    const matte = await sharp(it.path('src/cat.matte.png'))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(matte.info).toMatchObject({ width: WIDTH, height: HEIGHT })
    expect([
      matte.data[70 * WIDTH + 110],
      matte.data[150 * WIDTH + 15],
      matte.data[90 * WIDTH + 110] > 240,
    ]).toEqual([0, 255, true])
    await page.locator('#facts', { hasText: 'Your own file, reviewed' }).waitFor()
    expect(await page.isDisabled('#undo')).toBe(true)
    expect(problems).toEqual([])
  })

  test('a snapping stroke ends at an edge of the photograph', async () => {
    const { page } = await open({ 'src/disk.jpg': 'cat' }, {}, {}, async it => {
      // A bright disk on a dark background, and a matte without it.
      const disk = Buffer.from(
        '<svg width="240" height="160"><circle cx="120" cy="80" r="40" fill="#e8d8c0"/></svg>',
      )
      const ground = { create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#203040' } } as const
      await sharp(ground)
        .composite([{ input: disk }])
        .toFile(it.path('src/disk.jpg'))
      const dot = Buffer.from(
        '<svg width="240" height="160"><circle cx="20" cy="20" r="16" fill="#fff"/></svg>',
      )
      const matte = { create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#000' } } as const
      await sharp(matte)
        .composite([{ input: dot }])
        .toFile(it.path('src/disk.matte.png'))
    })
    await openPicture(page, 'disk.jpg')
    await page.click('label:has([value=restore])')
    await setSlider(page, '#size', 50)
    await setSlider(page, '#hardness', 100)
    // Along the rim of the disk, on its inside: the brush reaches 12 px beyond the disk.
    await paint(page, [107, 80], [108, 79])
    expect(await readLevel(page, 88, 80)).toBeGreaterThan(200)
    expect(await readLevel(page, 76, 80)).toBeLessThan(40)
    await page.click('#undo')
    await page.click('label:has([value=nothing])')
    await paint(page, [95, 80], [96, 79])
    expect(await readLevel(page, 76, 80)).toBeGreaterThan(200)
  })

  test('a stroke near a whisker restores the whisker and nothing else', async () => {
    const { page } = await open({ 'src/whisker.jpg': 'cat' }, {}, {}, async it => {
      const whisker = Buffer.from(
        '<svg width="240" height="160"><path d="M60 80 Q120 60 200 90" stroke="#e8d8c0" stroke-width="2" fill="none"/></svg>',
      )
      const ground = { create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#806860' } } as const
      await sharp(ground)
        .composite([{ input: whisker }])
        .toFile(it.path('src/whisker.jpg'))
      const dot = Buffer.from(
        '<svg width="240" height="160"><circle cx="20" cy="20" r="16" fill="#fff"/></svg>',
      )
      const matte = { create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#000' } } as const
      await sharp(matte)
        .composite([{ input: dot }])
        .toFile(it.path('src/whisker.matte.png'))
    })
    await openPicture(page, 'whisker.jpg')
    await page.click('label:has([value=restore])')
    await page.click('label:has([value=hairs])')
    await setSlider(page, '#size', 14)
    // The whisker is at (122, 72.5). The stroke is up to 4 px beside it.
    await paint(page, [70, 80], [100, 70], [122, 76], [150, 74], [185, 88])
    expect(await readLevel(page, 122, 72.5)).toBeGreaterThan(180)
    expect(await readLevel(page, 122, 77)).toBeLessThan(20)
    expect(await readLevel(page, 122, 68)).toBeLessThan(20)
    await page.click('#undo')
    expect(await readLevel(page, 122, 72.5)).toBeLessThan(20)
  })

  test('the keyboard paints, changes the brush, and zooms', async () => {
    const { page } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    await page.focus('#stage')
    await page.keyboard.press('e')
    expect(await page.isChecked('[value=erase]')).toBe(true)
    for (const snap of ['hairs', 'nothing']) {
      await page.keyboard.press('s')
      expect(await page.isChecked(`[value=${snap}]`)).toBe(true)
    }
    const size = Number(await page.inputValue('#size'))
    await page.keyboard.press(']')
    expect(Number(await page.inputValue('#size'))).toBeGreaterThan(size)
    await page.keyboard.press('{')
    expect(await page.inputValue('#hardness')).toBe('70')
    await setSlider(page, '#size', 20)
    await page.focus('#stage')
    await page.keyboard.down(' ')
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.up(' ')
    expect(await readLevel(page, 118, 80)).toBe(0)
    expect(await readLevel(page, 120, 60)).toBeGreaterThan(240)
    await page.keyboard.press('Control+z')
    expect(await readLevel(page, 118, 80)).toBeGreaterThan(240)
    await page.keyboard.press('1')
    expect(await page.textContent('#zoom-level')).toBe('100 %')
    await page.keyboard.press('+')
    expect(await page.textContent('#zoom-level')).toBe('125 %')
    await page.focus('#model')
    await page.keyboard.press('e')
    expect(await page.isChecked('[value=erase]')).toBe(true)
  })

  test('one finger paints; two fingers zoom and move, and leave no stroke', async () => {
    const { page } = await open(
      { 'src/cat.jpg': 'cat' },
      { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    )
    await openPicture(page, 'cat.jpg')
    await page.locator('label:has([value=erase])').tap()
    await page.click('label:has([value=nothing])')
    await setSlider(page, '#size', 20)
    await page.locator('#stage').scrollIntoViewIfNeeded()
    const session = await page.context().newCDPSession(page)
    const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) => {
      const touchPoints = points.map(([x, y], id) => ({ x, y, id }))
      await session.send('Input.dispatchTouchEvent', { type, touchPoints })
    }
    await touch('touchStart', await locate(page, 100, 70))
    await touch('touchMove', await locate(page, 120, 70))
    await touch('touchEnd')
    expect(await readLevel(page, 110, 70)).toBe(0)
    // Chromium drops the click of a tap within 300 ms after a fast stroke. A person taps later, or again.
    await expect
      .poll(
        async () => {
          await page
            .locator('#undo')
            .tap({ timeout: 1000 })
            .catch(() => {})
          return page.isDisabled('#undo')
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(true)
    await page.locator('#stage').scrollIntoViewIfNeeded()
    expect(await readLevel(page, 110, 70)).toBeGreaterThan(240)

    const before = Number.parseInt((await page.textContent('#zoom-level'))!, 10)
    const [one, other] = [await locate(page, 100, 80), await locate(page, 140, 80)]
    await touch('touchStart', one)
    await touch('touchStart', one, other)
    await touch('touchMove', [one[0] - 40, one[1]], [other[0] + 40, other[1]])
    await touch('touchEnd')
    await expect
      .poll(async () => Number.parseInt((await page.textContent('#zoom-level'))!, 10))
      .toBeGreaterThan(before * 1.5)
    expect(await page.isDisabled('#undo')).toBe(true)
  })

  test("a pen's pressure changes the size of the stroke", async () => {
    const { page } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    await page.click('label:has([value=erase])')
    await page.click('label:has([value=nothing])')
    await setSlider(page, '#size', 40)
    const session = await page.context().newCDPSession(page)
    const dab = async (force: number) => {
      const [x, y] = await locate(page, 110, 70)
      const pen = { x, y, button: 'left', buttons: 1, clickCount: 1, pointerType: 'pen', force } as const
      await session.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...pen })
      await session.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...pen, buttons: 0 })
    }
    await dab(0.1)
    expect(await readLevel(page, 110, 70)).toBe(0)
    expect(await readLevel(page, 124, 70)).toBeGreaterThan(240)
    await dab(1)
    expect(await readLevel(page, 124, 70)).toBe(0)
  })

  test('another resolution is compared, used, corrected and accepted', async () => {
    const { it, page, problems } = await open({ 'src/cat.jpg': 'cat' }, {}, { config: { mattes: 'mattes' } })
    await openPicture(page, 'cat.jpg')
    await page.selectOption('#model', 'u2netp')
    await page.selectOption('#upsampling', 'bilinear')
    await page.click('#predict')
    await page.locator('#candidates li').waitFor()
    expect(await page.locator('#stage figcaption').allTextContents()).toEqual(['Current', 'u2netp, 320 px'])
    const folder = it.path('mattes/src/cat.jpg')
    const [name] = await readdir(folder)
    expect(it.saved).toEqual([])
    await page.click('#candidates button')
    expect(await page.isDisabled('#accept')).toBe(false)
    await page.click('#accept')
    await page.locator('#status', { hasText: 'Written: mattes/src/cat.jpg/' }).waitFor()
    expect(await readdir(folder)).toEqual([name])
    expect(it.saved).toEqual([join(folder, name)])
    expect(problems).toEqual([])
  })

  test('a doubtful matte is marked as reviewed', async () => {
    const { page, problems } = await open({ 'src/doubt.jpg': 'cat' }, {}, {}, writeDoubtful)
    await openPicture(page, 'doubt.jpg')
    expect(await page.isVisible('#findings')).toBe(true)
    await page.click('#reviewed')
    await page.locator('#status', { hasText: 'Written: src/doubt.matte.png' }).waitFor()
    expect(await page.isVisible('#findings')).toBe(false)
    await page.click('#back')
    await page.locator('#summary', { hasText: '1 picture. None is doubtful.' }).waitFor()
    await page.locator('#grid .mark', { hasText: 'Corrected by hand' }).waitFor()
    expect(problems).toEqual([])
  })

  test('leaving a picture with an unsaved correction asks first', async () => {
    const { page } = await open({ 'src/a.jpg': 'cat', 'src/b.jpg': 'cat' })
    await openPicture(page, 'a.jpg')
    await page.click('label:has([value=erase])')
    await paint(page, [100, 70], [120, 70])
    await answer(page, '#next', 'dismiss')
    expect(await page.textContent('#name')).toBe('a.jpg')
    expect(await page.isDisabled('#accept')).toBe(false)
    await answer(page, '#next', 'accept')
    await page.locator('#name', { hasText: 'b.jpg' }).waitFor()
    expect(await page.isDisabled('#accept')).toBe(true)
  })

  test('a failed request keeps the correction and says why', async () => {
    const { page } = await open({ 'src/cat.jpg': 'cat' })
    await openPicture(page, 'cat.jpg')
    await page.click('label:has([value=erase])')
    await setSlider(page, '#size', 60)
    await page.click('label:has([value=nothing])')
    await page.route('**/matte?version=*', route =>
      route.request().method() === 'PUT'
        ? route.fulfill({ status: 500, json: { error: { code: 'INTERNAL', message: 'The disk is full.' } } })
        : route.continue(),
    )
    await paint(page, [100, 70], [120, 70])
    await page.click('#accept')
    await page.locator('#status.failure', { hasText: 'The disk is full.' }).waitFor()
    expect(await page.isDisabled('#accept')).toBe(false)
    expect(await readLevel(page, 110, 70)).toBe(0)
  })

  test.each([
    [1280, 800],
    [390, 844],
  ])(
    'at %i px nothing is cut off in any state, and there is no accessibility violation',
    async (width, height) => {
      const files = { 'src/doubt.jpg': 'cat', 'src/cat.jpg': 'cat', 'src/broken.jpg': 'cat' } as const
      const { page } = await open(files, { viewport: { width, height } }, {}, async it => {
        await writeDoubtful(it)
        await writeFile(it.path('src/broken.jpg'), 'no picture')
      })
      const check = async (state: string) => {
        const cut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        const barriers: string[] = []
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          barriers.push(...(await findBarriers(page)))
        }
        expect({ state, cut, barriers }).toEqual({ state, cut: 0, barriers: [] })
      }
      await check('list, with a doubtful and a failed picture')
      await page.fill('#search', 'none')
      await check('list without a match')
      await page.fill('#search', '')

      await openPicture(page, 'doubt.jpg')
      await page.locator('summary').click()
      for (const view of ['split', 'cutout', 'matte', 'photograph', 'all']) {
        await page.click(`#views label:has([value=${view}])`)
        await check(`view ${view}`)
      }
      await page.click('label:has([value=erase])')
      await page.click('label:has([value=nothing])')
      await page.locator('#stage').scrollIntoViewIfNeeded()
      await paint(page, [100, 70], [120, 70])
      await check('unsaved correction')
      await page.route('**/matte?version=*', route =>
        route.request().method() === 'PUT' ? route.abort() : route.continue(),
      )
      await page.click('#accept')
      await page.locator('#status.failure').waitFor()
      await check('failed save')
      await page.unroute('**/matte?version=*')
      await page.click('#accept')
      await page.locator('#status', { hasText: 'Written' }).waitFor()
      await check('accepted')

      await page.selectOption('#model', 'u2netp')
      let answer = () => {}
      const isAnswered = new Promise<void>(resolve => {
        answer = resolve
      })
      await page.route('**/candidates', async route => {
        await isAnswered
        await route.continue()
      })
      await page.click('#predict')
      await page.locator('#cancel').waitFor()
      await check('predicting')
      answer()
      await page.locator('#candidates li').waitFor()
      await check('models')
      await page.unroute('**/candidates')
      await page.route('**/candidates', route => route.abort())
      await page.click('#predict')
      await page.locator('#try-status.failure').waitFor()
      await check('failed prediction')

      await page.click('#back')
      await page.locator('#grid a', { hasText: 'broken.jpg' }).click()
      await page.locator('.detail[data-is-broken]').waitFor()
      expect(await page.isVisible('#brush-title')).toBe(false)
      await check('failed picture')

      await page.click('#back')
      await page.route('**/api/pictures?*', route => route.abort())
      await page.locator('#problem', { hasText: 'The server does not answer' }).waitFor()
      await check('server away')
      await page.unroute('**/api/pictures?*')
      await page.route('**/api/pictures?*', route =>
        route.fulfill({ json: { revision: 1, ids: [], pictures: [] } }),
      )
      await page.reload()
      await page.locator('#nothing', { hasText: 'Open a page of the app' }).waitFor()
      await check('empty list')
    },
  )
})
