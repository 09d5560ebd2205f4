import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIPX, createIPXWebServer, ipxFSStorage } from 'ipx'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type NobgStorage, nobgStorage } from '../src/index.ts'

const photos = join(import.meta.dirname, '../../unplugin/test/fixtures/photos')
let dir: string
let storage: NobgStorage
let serve: ReturnType<typeof createIPXWebServer>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-ipx-'))
  await cp(join(photos, 'cat.jpg'), join(dir, 'cat.jpg'))
  await cp(join(photos, 'astronaut.jpg'), join(dir, 'real.nobg.jpg'))
  await writeFile(join(dir, 'text.jpg'), 'no image')
  storage = nobgStorage(ipxFSStorage({ dir }), {
    cacheDir: join(dir, 'cache'),
    defaults: { model: 'u2netp' },
    presets: { white: { model: 'u2netp', backgroundColor: 'white' } },
    download: false,
  })
  serve = createIPXWebServer(createIPX({ storage }))
})

afterAll(async () => {
  await storage.close()
  await rm(dir, { recursive: true, force: true })
})

const request = (path: string) => serve(new Request(`http://localhost/${path}`))

/** Size and alpha of the top left corner of a response's picture. */
async function readPicture(path: string) {
  const response = await request(path)
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) throw new Error(String(bytes))
  const { width, height, format, hasAlpha } = await sharp(bytes).metadata()
  const corner = await sharp(bytes)
    .ensureAlpha()
    .extract({ left: 2, top: 2, width: 1, height: 1 })
    .raw()
    .toBuffer()
  return { width, height, format, hasAlpha, corner: [...corner] }
}

describe('nobgStorage', () => {
  test('a marked id is the cutout, resized and encoded by IPX', async () => {
    const picture = await readPicture('w_120,f_webp/cat.nobg.jpg')
    expect(picture).toMatchObject({ width: 120, height: 80, format: 'webp', hasAlpha: true })
    expect(picture.corner[3]).toBeLessThan(5)
  })

  test('the id of a photograph is the photograph', async () => {
    expect(await readPicture('w_120/cat.jpg')).toMatchObject({ format: 'jpeg', hasAlpha: false })
  })

  test('the name of a preset sets its options', async () => {
    const { corner } = await readPicture('f_png/cat.nobg-white.jpg')
    for (const channel of corner) expect(channel).toBeGreaterThan(250)
  })

  test('a file of that name has priority', async () => {
    expect(await readPicture('_/real.nobg.jpg')).toMatchObject({ format: 'jpeg', hasAlpha: false })
  })

  test.each([
    ['other.nobg.jpg', 404, 'IPX_FILE_NOT_FOUND'],
    ['cat.nobg-unknown.jpg', 404, 'IPX_FILE_NOT_FOUND'],
    ['cat.nobg-constructor.jpg', 404, 'IPX_FILE_NOT_FOUND'],
    ['text.nobg.jpg', 422, 'Expected an image, got text'],
  ])('%s is answered %d %s', async (id, status, text) => {
    const response = await request(`_/${id}`)
    expect(response.status).toBe(status)
    const answer = await response.text()
    expect(answer).toContain(text)
    expect(answer).not.toContain(dir)
  })

  test('a path out of the folder is refused', async () => {
    const outside = async () => storage.getData('../../etc/passwd.nobg.jpg')
    await expect(outside()).rejects.toMatchObject({ statusCode: 403 })
  })

  test('a wrong option is an error at once', () => {
    expect(() => nobgStorage(ipxFSStorage({ dir }), { concurrency: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
