import { readFile, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import getPort from 'get-port'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkOut, environmentOf } from './checkout.ts'

/** The picture of the page's only image, as Next's image service sends it to a browser that supports WebP. */
async function fetchPicture(origin: string) {
  const page = await (await fetch(origin)).text()
  const [, address] = /<img[^>]* src="([^"]+)"/.exec(page) ?? []
  if (!address) throw new Error(`expected an image, got ${page.slice(0, 500)}`)
  const url = new URL(address.replaceAll('&amp;', '&'), origin)
  const response = await fetch(url, { headers: { accept: 'image/webp' } })
  const bytes = Buffer.from(await response.arrayBuffer())
  const [, size] = / width="(\d+)"/.exec(page) ?? []
  return { url: String(url), width: Number(size), type: response.headers.get('content-type'), bytes }
}

describe.for([
  ['Turbopack', []],
  ['webpack', ['--webpack']],
] as const)('next dev with %s', ([, words]) => {
  test('next/image shows the cutout, and the new cutout when the photograph or its matte changes', async () => {
    const checkout = await checkOut('next')
    onTestFinished(() => checkout.remove())
    const port = await getPort()
    const server = execa('next', ['dev', '--port', String(port), '--hostname', '127.0.0.1', ...words], {
      ...environmentOf(checkout),
      reject: false,
      all: true,
    })
    onTestFinished(async () => {
      server.kill()
      await server
    })
    const origin = `http://127.0.0.1:${port}`
    const statusOf = () => fetch(origin).then(({ status }) => status)
    await until(async () => (await statusOf()) === 200)

    const first = await fetchPicture(origin)
    expect(first).toMatchObject({ width: 240, type: 'image/webp' })
    const { channels } = await sharp(first.bytes).stats()
    expect(channels[3]?.min).toBe(0)

    const photo = 'app/cat.jpg'
    const smaller = sharp(await readFile(checkout.path(photo))).resize(200)
    await checkout.replace(photo, await smaller.toBuffer())
    await until(async () => (await fetchPicture(origin)).width === 200)

    const matte = 'app/cat.matte.png'
    const isOpaque = async () => (await sharp((await fetchPicture(origin)).bytes).stats()).isOpaque
    const white = sharp({ create: { width: 200, height: 133, channels: 3, background: 'white' } })
    await checkout.replace(matte, await white.png().toBuffer())
    await until(isOpaque)
    await rm(checkout.path(matte))
    await until(async () => !(await isOpaque()))

    await checkout.replace(photo, 'no image')
    await until(async () => (await statusOf()) === 500)
  })
})

/** Waits until `check` returns true. A `check` that throws is repeated: a fetch throws until the server listens. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check().catch(() => false))) await wait(250)
}
