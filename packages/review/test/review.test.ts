import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createRemover, type Remover } from '@nobg/core'
import sharp from 'sharp'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { CandidateEvent, PictureInfo, PictureList, ReviewSettings } from '../src/protocol.ts'
import { openReview, removeCache, type TestReview } from './support/open-review.ts'

afterAll(removeCache)

/** The pictures, once all are checked. */
async function readChecked({ served }: TestReview): Promise<PictureInfo[]> {
  for (;;) {
    const { pictures } = (await (await fetch(`${served.url}api/pictures`)).json()) as PictureList
    if (pictures.every(({ state }) => state === 'ready' || state === 'failed')) return pictures
    await new Promise(resolve => setTimeout(resolve, 30))
  }
}

/** A request as the page sends it, without the server. */
async function send(it: TestReview, method: string, path: string, type = '', body?: Uint8Array | string) {
  const url = new URL(it.served.url)
  const html = await (await it.review.fetch(new Request(url))).text()
  const token = /name="nobg-token" content="([^"]+)"/.exec(html)?.[1] ?? ''
  const headers = { origin: url.origin, 'x-nobg-token': token, ...(type && { 'content-type': type }) }
  return it.review.fetch(new Request(new URL(path, url), { method, headers, body: body as string }))
}

/** A matte of the cat: the left half is the subject. */
const half = () =>
  sharp({ create: { width: 120, height: 160, channels: 3, background: '#fff' } })
    .extend({ right: 120, background: '#000' })
    .png()
    .toBuffer()

const save = (it: TestReview, { id, version }: PictureInfo, png: Uint8Array) =>
  send(it, 'PUT', `api/pictures/${id}/matte?version=${version}`, 'image/png', png)

test('lists pictures with model, resolution, matte, importers and findings', async () => {
  await using it = await openReview({ 'src/cat.jpg': 'cat', 'src/sub/coffee.png': 'coffee' })
  const [cat, coffee] = await readChecked(it)
  expect(cat).toMatchObject({
    name: 'cat.jpg',
    path: 'src/cat.jpg',
    importedBy: ['src/main.js'],
    state: 'ready',
    model: 'u2netp',
    operatingResolution: 320,
    origin: 'predicted',
    isByHand: false,
    isReviewed: false,
    findings: [],
  })
  expect(coffee).toMatchObject({ path: 'src/sub/coffee.png', state: 'ready' })
})

test('a damaged photograph is listed with its error, and does not stop the others', async () => {
  await using it = await openReview({ 'a.jpg': 'cat', 'b.jpg': 'cat' })
  await writeFile(it.path('a.jpg'), 'no image')
  const [a, b] = await readChecked(it)
  expect(a).toMatchObject({ state: 'failed', error: { code: 'UNSUPPORTED_FORMAT' } })
  expect(b).toMatchObject({ state: 'ready' })
})

test('previews have the size of the photograph, thumbnails at most 480 px', async () => {
  await using it = await openReview({ 'coffee.png': 'coffee' })
  const [{ id, version }] = await readChecked(it)
  for (const part of ['photograph', 'matte', 'cutout']) {
    const response = await fetch(`${it.served.url}api/pictures/${id}/${part}?version=${version}`)
    const { width, height } = await sharp(await response.bytes()).metadata()
    expect([part, width, height]).toEqual([part, 600, 400])
    expect(response.headers.get('cache-control')).toContain('immutable')
  }
  for (const part of ['photograph', 'cutout']) {
    const response = await fetch(`${it.served.url}api/pictures/${id}/${part}?size=small`)
    expect(await sharp(await response.bytes()).metadata()).toMatchObject({ width: 480, height: 320 })
    expect(response.headers.get('cache-control')).toBe('no-store')
  }
})

test('a corrected matte is written beside the photograph, is used from then on, and counts as made by hand', async () => {
  await using it = await openReview({ 'src/cat.jpg': 'cat' })
  const [info] = await readChecked(it)
  const saved = (await (await save(it, info, await half())).json()) as PictureInfo
  expect(saved).toMatchObject({
    origin: 'own',
    matteFile: 'src/cat.matte.png',
    isByHand: true,
    isReviewed: true,
  })
  expect(saved.version).not.toBe(info.version)
  expect(it.saved).toEqual([it.path('src/cat.matte.png')])
  expect(await sharp(it.path('src/cat.matte.png')).metadata()).toMatchObject({ format: 'png', channels: 1 })
  const url = `${it.served.url}api/pictures/${info.id}/cutout?version=${saved.version}`
  const cutout = sharp(await (await fetch(url)).bytes())
  const { data, info: shape } = await cutout.raw().toBuffer({ resolveWithObject: true })
  const alphaAt = (x: number) => data[(80 * shape.width + x) * 4 + 3]
  expect([alphaAt(40), alphaAt(200)]).toEqual([255, 0])
})

test('with a folder of kept mattes, a correction replaces the kept matte and no other file', async () => {
  await using it = await openReview({ 'src/cat.jpg': 'cat' }, { config: { mattes: 'mattes' } })
  const [info] = await readChecked(it)
  expect(info).toMatchObject({ origin: 'kept', isByHand: false })
  const saved = (await (await save(it, info, await half())).json()) as PictureInfo
  expect(saved).toMatchObject({ origin: 'kept', matteFile: info.matteFile, isByHand: true, isReviewed: true })
  expect(await readdir(it.path('src'))).toEqual(['cat.jpg'])
  expect(await readdir(it.path('mattes/src/cat.jpg'))).toHaveLength(1)
})

test('a second correction replaces the first', async () => {
  await using it = await openReview({ 'src/cat.jpg': 'cat' })
  const [info] = await readChecked(it)
  const first = (await (await save(it, info, await half())).json()) as PictureInfo
  const flipped = await sharp(await half())
    .flop()
    .png()
    .toBuffer()
  expect((await save(it, info, flipped)).status).toBe(409)
  expect((await save(it, first, flipped)).status).toBe(200)
  expect((await readdir(it.path('src'))).sort()).toEqual(['cat.jpg', 'cat.matte.png'])
})

test('a matte that is no PNG is not replaced', async () => {
  await using it = await openReview({ 'src/cat.jpg': 'cat' })
  await sharp(await half()).toFile(it.path('src/cat.matte.webp'))
  const [info] = await readChecked(it)
  const response = await save(it, info, await half())
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ error: { hint: expect.stringContaining('cat.matte.png') } })
  expect((await readdir(it.path('src'))).sort()).toEqual(['cat.jpg', 'cat.matte.webp'])
})

/** A matte with findings: gray all over the subject. */
const unsure = () =>
  sharp({ create: { width: 160, height: 100, channels: 3, background: '#808080' } })
    .extend({ top: 30, bottom: 30, left: 40, right: 40, background: '#000' })
    .png()
    .toBuffer()

test('a reviewed matte has no findings until its pixels change', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' })
  await writeFile(it.path('cat.matte.png'), await unsure())
  const [info] = await readChecked(it)
  expect(info.findings.map(({ code }) => code)).toContain('MATTE_HOLLOW')
  const before = await sharp(it.path('cat.matte.png')).raw().toBuffer()
  const path = `api/pictures/${info.id}/reviewed?version=${info.version}`
  const reviewed = (await (await send(it, 'POST', path)).json()) as PictureInfo
  expect(reviewed).toMatchObject({ findings: [], isReviewed: true, origin: 'own' })
  expect(await sharp(it.path('cat.matte.png')).raw().toBuffer()).toEqual(before)

  // An editor keeps the text chunks, and changes a pixel.
  const bytes = await readFile(it.path('cat.matte.png'))
  const changed = await sharp(await unsure())
    .composite([
      { input: Buffer.from([255, 255, 255]), raw: { width: 1, height: 1, channels: 3 }, left: 5, top: 5 },
    ])
    .png()
    .toBuffer()
  const end = bytes.indexOf('tEXtnobg:reviewed') - 4
  const mark = bytes.subarray(end, end + 12 + bytes.readUInt32BE(end))
  await writeFile(
    it.path('cat.matte.png'),
    Buffer.concat([changed.subarray(0, 33), mark, changed.subarray(33)]),
  )
  const [again] = await readChecked(it)
  await it.review.fetch(new Request(`${it.served.url}api/pictures?since=0`))
  await expect.poll(async () => (await readChecked(it))[0].isReviewed).toBe(false)
  expect(again.id).toBe(info.id)
  expect((await readChecked(it))[0].findings).not.toEqual([])
})

test('a predicted matte that is not kept is kept when it is reviewed', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' })
  const [info] = await readChecked(it)
  const path = `api/pictures/${info.id}/reviewed?version=${info.version}`
  const reviewed = (await (await send(it, 'POST', path)).json()) as PictureInfo
  expect(reviewed).toMatchObject({ isReviewed: true, matteFile: 'cat.matte.png' })
})

test('the review mark of a predicted matte in the folder keeps it predicted', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' }, { config: { mattes: 'mattes' } })
  const [info] = await readChecked(it)
  const path = `api/pictures/${info.id}/reviewed?version=${info.version}`
  const reviewed = (await (await send(it, 'POST', path)).json()) as PictureInfo
  expect(reviewed).toMatchObject({ isReviewed: true, isByHand: false, origin: 'kept' })
})

test('a candidate reports progress, is shown, and nothing is written', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' }, { config: { mattes: 'mattes' } })
  const [{ id }] = await readChecked(it)
  const before = await readdir(it.path('mattes'), { recursive: true })
  const wanted = JSON.stringify({ model: 'u2netp', operatingResolution: 512, matteUpsampling: 'bilinear' })
  const response = await send(it, 'POST', `api/pictures/${id}/candidates`, 'application/json', wanted)
  const events = (await response.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as CandidateEvent)
  const last = events.at(-1)
  if (last?.type !== 'candidate') throw new Error(JSON.stringify(events))
  expect(events[0].type).toBe('progress')
  expect(last.candidate).toMatchObject({ model: 'u2netp', operatingResolution: 512 })
  const matte = await fetch(`${it.served.url}api/pictures/${id}/candidates/${last.candidate.id}/matte`)
  expect(await sharp(await matte.bytes()).metadata()).toMatchObject({ width: 240, height: 160 })
  expect(await readdir(it.path('mattes'), { recursive: true })).toEqual(before)
})

test('a candidate of an unknown model ends with the error', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' })
  const [{ id }] = await readChecked(it)
  const response = await send(
    it,
    'POST',
    `api/pictures/${id}/candidates`,
    'application/json',
    '{"model":"nothing"}',
  )
  expect(JSON.parse(await response.text())).toMatchObject({ type: 'error', error: { code: 'UNKNOWN_MODEL' } })
})

test('settings list the models and the size of missing weights', async () => {
  await using it = await openReview(
    { 'cat.jpg': 'cat' },
    { config: { mattes: 'kept', modelsDir: '/nonexistent' } },
  )
  const { models, mattes } = (await (await fetch(`${it.served.url}api/settings`)).json()) as ReviewSettings
  expect(mattes).toBe('kept')
  expect(models.find(({ id }) => id === 'u2netp')).not.toHaveProperty('download')
  expect(models.find(({ id }) => id === 'portrait')?.download).toMatch(/MB$/)
})

test('quality: error of the host does not hide a doubtful picture', async () => {
  await using it = await openReview({ 'cat.jpg': 'cat' }, { config: { quality: 'error' } })
  await writeFile(it.path('cat.matte.png'), await unsure())
  const [info] = await readChecked(it)
  expect(info).toMatchObject({ state: 'ready', findings: [expect.anything(), expect.anything()] })
  await it.review.close()
})

test('a picture without a subject can be corrected', async () => {
  await using it = await openReview({ 'flat.png': 'cat' })
  await sharp({ create: { width: 200, height: 100, channels: 3, background: '#557' } }).toFile(
    it.path('flat.png'),
  )
  const [info] = await readChecked(it)
  expect(info).toMatchObject({ state: 'failed', error: { code: 'NO_SUBJECT' } })
  expect((await fetch(`${it.served.url}api/pictures/${info.id}/matte`)).status).toBe(200)
  const white = await sharp({ create: { width: 100, height: 100, channels: 3, background: '#fff' } })
    .extend({ right: 100, background: '#000' })
    .png()
    .toBuffer()
  const saved = await save(it, info, white)
  expect(await saved.json()).toMatchObject({ state: 'ready', isByHand: true })
  const remover = createRemover({ root: it.root, cacheDir: it.path('cache') })
  expect(await remover.removeBackground(it.path('flat.png')).finally(() => remover.close())).toMatchObject({
    matte: 'own',
  })
})

test('500 pictures are listed before they are checked', async () => {
  const files = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`photos/${i}.jpg`, 'cat' as const]))
  await using it = await openReview(files)
  const response = await fetch(`${it.served.url}api/pictures`)
  const { ids, pictures } = (await response.json()) as PictureList
  expect([ids.length, pictures.length]).toEqual([500, 500])
  const isPending = ({ state }: PictureInfo) => state === 'waiting' || state === 'checking'
  expect(pictures.filter(isPending).length).toBeGreaterThan(490)
  const [{ id }] = pictures
  expect((await fetch(`${it.served.url}api/pictures/${id}/photograph?size=small`)).status).toBe(200)
})

test('previews whose requests were canceled are not made', async () => {
  const cacheDir = join(tmpdir(), `nobg-canceled-${process.pid}`)
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }))
  await using remover = createRemover({ cacheDir })
  let made = 0
  let release = () => {}
  const isReleased = new Promise<void>(resolve => {
    release = resolve
  })
  const slow: Remover = {
    ...remover,
    concurrency: 1,
    async removeBackground(...input) {
      made += 1
      await isReleased
      return remover.removeBackground(...input)
    },
  }
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.jpg`, 'cat' as const]))
  await using it = await openReview(files, { remover: slow })
  const pictures = await readChecked(it)
  const controller = new AbortController()
  const request = (id: string, signal?: AbortSignal) =>
    it.review.fetch(new Request(`${it.served.url}api/pictures/${id}/cutout?size=small`, { signal }))
  const canceled = pictures.slice(0, 11).map(({ id }) => request(id, controller.signal))
  await expect.poll(() => made).toBe(1)
  // A Request that nothing refers to would not learn of the abort.
  await collectGarbage()
  controller.abort()
  const last = request(pictures[11].id)
  release()
  expect((await last).status).toBe(200)
  expect((await Promise.all(canceled)).map(({ status }) => status).sort()).toEqual([
    200,
    ...Array(10).fill(499),
  ])
  expect(made).toBe(2)
})

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) {
    collect()
    await delay(10)
  }
}
