import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import sharp from 'sharp'
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { testNobg } from '../support/build.ts'
import { halfMatte, opaqueHalf } from '../support/matte.ts'
import { createProject } from '../support/project.ts'
import { listenHot, type Served, serveProject, until } from '../support/serve.ts'

const files = {
  'index.html': '<!doctype html><script type="module" src="/src/main.js"></script>',
  'src/main.js': "import cat from './cat.jpg?nobg'\nexport { cat }\nimport.meta.hot?.accept()",
}

const review = resolve(import.meta.dirname, '../../../review')

beforeAll(async () => {
  if (existsSync(resolve(review, 'dist/page/index.html'))) return
  await build({ configFile: resolve(review, 'page/vite.config.ts'), logLevel: 'error' })
})

interface Listed {
  pictures: {
    id: string
    version: string
    path: string
    importedBy: string[]
    state: string
    origin: string
    matteFile?: string
  }[]
}

async function readPicture({ get }: Served, base = '/') {
  let listed: Listed['pictures'] = []
  await until(async () => {
    const { text } = await get(`${base}__nobg/api/pictures`)
    listed = (JSON.parse(text) as Listed).pictures
    return listed.length > 0 && listed.every(({ state }) => state === 'ready')
  })
  return listed
}

/** A matte of the cat, whose left half is the subject. */
const half = () =>
  sharp({ create: { width: 120, height: 160, channels: 3, background: '#fff' } })
    .extend({ right: 120, background: '#000' })
    .png()
    .toBuffer()

test.for(['/', '/shop/'])(
  'the review is at __nobg/ below the base %s, and lists what the app has requested',
  async base => {
    const project = await createProject(files)
    const served = await serveProject(project, testNobg(), { base })
    expect(JSON.parse((await served.get(`${base}__nobg/api/pictures`)).text)).toMatchObject({ pictures: [] })
    await served.get(`${base}src/main.js`)
    expect(await readPicture(served, base)).toMatchObject([
      { path: 'src/cat.jpg', importedBy: ['src/main.js'] },
    ])
    const redirect = await fetch(`${served.origin}${base}__nobg`, { redirect: 'manual' })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([
      302,
      `${served.origin}${base}__nobg/`,
    ])
  },
)

test('one line at the start names the address', async () => {
  const project = await createProject(files)
  const { server, log, origin } = await serveProject(project, testNobg(), { base: '/shop/' })
  server.printUrls()
  expect(log.filter(line => line.includes('__nobg'))).toEqual([
    expect.stringContaining(`${origin}/shop/__nobg/`),
  ])
})

test('in Astro, which prints no addresses of Vite, a line of its own names the address', async () => {
  const project = await createProject(files)
  const { log, origin } = await serveProject(project, [{ name: 'astro:server' }, testNobg()])
  expect(log.filter(line => line.includes('__nobg'))).toEqual([
    `nobg: review the cutouts at ${origin}/__nobg/`,
  ])
})

test('an accepted matte is written beside the photograph, and the page of the app is updated', async () => {
  const project = await createProject(files)
  const served = await serveProject(project, testNobg({ mattes: undefined }))
  const readUrl = async () =>
    /"([^"]+\.webp)\?import"/.exec((await served.get('/src/main.js')).text)?.[1] ?? ''
  const before = await readUrl()
  const hot = await listenHot(served)
  const [{ id, version }] = await readPicture(served)
  const html = (await served.get('/__nobg/')).text
  const [, token] = /name="nobg-token" content="([^"]+)"/.exec(html)!
  const send = async (headers: Record<string, string>) =>
    fetch(`${served.origin}/__nobg/api/pictures/${id}/matte?version=${version}`, {
      method: 'PUT',
      body: (await half()) as BodyInit,
      headers: { 'content-type': 'image/png', ...headers },
    })
  expect((await send({ origin: served.origin })).status).toBe(403)
  expect(await readdir(project.path('src'))).not.toContain('cat.matte.png')
  expect((await send({ origin: 'http://localhost:1', 'x-nobg-token': token })).status).toBe(403)
  expect((await send({ origin: served.origin, 'x-nobg-token': token })).status).toBe(200)
  expect(await readdir(project.path('src'))).toContain('cat.matte.png')
  await until(() => hot.some(({ type }) => type === 'update'))
  const after = await readUrl()
  expect(after).not.toBe(before)
  const { data, info } = await sharp((await served.get(after)).bytes)
    .raw()
    .toBuffer({ resolveWithObject: true })
  const alphaAt = (x: number) => data[(80 * info.width + x) * info.channels + 3]
  expect([alphaAt(40), alphaAt(200)]).toEqual([255, 0])
})

test('a reference that names a matte is shown with this matte, and one that ignores mattes without', async () => {
  const project = await createProject({
    ...files,
    'src/main.js': `export { default as beside } from './cat.jpg?nobg'
      export { default as named } from './cat.jpg?nobg&matte=../mine/right.png'
      export { default as predicted } from './cat.jpg?nobg&matte=false'`,
  })
  await project.write('src/cat.matte.png', await halfMatte('left'))
  await project.write('mine/right.png', await halfMatte('right'))
  const served = await serveProject(project, testNobg({ mattes: undefined }))
  await served.get('/src/main.js')
  const pictures = await readPicture(served)
  const shown = await Promise.all(
    pictures.map(async ({ id, version, origin, matteFile }) => {
      const url = `/__nobg/api/pictures/${id}/cutout?version=${version}`
      const [large, small] = [(await served.get(url)).bytes, (await served.get(`${url}&size=small`)).bytes]
      return [origin, matteFile, await opaqueHalf(large), await opaqueHalf(small)]
    }),
  )
  expect(shown.sort()).toEqual([
    ['own', 'mine/right.png', 'right', 'right'],
    ['own', 'src/cat.matte.png', 'left', 'left'],
    ['predicted', undefined, 'neither', 'neither'],
  ])
})

test('a plugin that is off has no review', async () => {
  const project = await createProject(files)
  const { get, log, server } = await serveProject(project, testNobg({ enabled: false }))
  expect((await get('/__nobg/api/pictures')).type).not.toContain('json')
  server.printUrls()
  expect(log.join('\n')).not.toContain('__nobg')
})
