import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import getPort from 'get-port'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Checkout, checkOut, environmentOf } from './checkout.ts'

const examples = resolve(import.meta.dirname, '../../../../examples')
const core = resolve(import.meta.dirname, '../../../core')
const tsc = join(examples, '../node_modules/.bin/tsc')

/** A route handler that returns a cutout, and a server action that redirects to an address with the cutout's size. */
const files = {
  'app/cut/route.js': `
    import { removeBackground } from '@nobg/core'
    export const dynamic = 'force-dynamic'
    export async function GET() {
      const { data, contentType } = await removeBackground('app/cat.jpg', { model: 'u2netp', outputFormat: 'webp' })
      return new Response(data, { headers: { 'content-type': contentType } })
    }`,
  'app/upload/page.jsx': `
    import { cutOut } from './action.js'
    export default () => <form action={cutOut}><input type="file" name="photo" /><button>Cut out</button></form>`,
  'app/upload/action.js': `
    'use server'
    import { removeBackground } from '@nobg/core'
    import { redirect } from 'next/navigation'
    export async function cutOut(form) {
      const photo = new Uint8Array(await form.get('photo').arrayBuffer())
      const { width, height, format } = await removeBackground(photo, { model: 'u2netp' })
      redirect('/cut?' + new URLSearchParams({ width, height, format }))
    }`,
}

/** A checkout of the example whose dependencies include core. */
async function checkOutWithCore(): Promise<Checkout> {
  const checkout = await checkOut('next')
  onTestFinished(() => checkout.remove())
  const modules = checkout.path('node_modules')
  await rm(modules)
  await mkdir(join(modules, '@nobg'), { recursive: true })
  const original = join(examples, 'next/node_modules')
  for (const name of await readdir(original)) await symlink(join(original, name), join(modules, name))
  await installCore(join(modules, '@nobg/core'))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(checkout.path(file), '..'), { recursive: true })
    await writeFile(checkout.path(file), text)
  }
  return checkout
}

/** Puts core into a folder as a user gets it: Next bundles the sources of a workspace, whatever its configuration says. */
async function installCore(folder: string): Promise<void> {
  await mkdir(folder)
  await execa(tsc, ['-p', join(core, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')])
  const { publishConfig, ...manifest } = JSON.parse(await readFile(join(core, 'package.json'), 'utf8'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, ...publishConfig }))
  await symlink(join(core, 'node_modules'), join(folder, 'node_modules'))
}

describe.for([
  ['Turbopack', []],
  ['webpack', ['--webpack']],
] as const)('next dev with %s and unplugin-nobg/next, without configuration', ([, words]) => {
  test('a route handler and a server action use core', async () => {
    const checkout = await checkOutWithCore()
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
    let log = ''
    server.all?.on('data', text => {
      log += text
    })
    const origin = `http://127.0.0.1:${port}`
    const page = await fetchText(`${origin}/upload`)

    const response = await fetch(`${origin}/cut`)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(`${response.status} ${response.headers.get('content-type')}`, log).toBe('200 image/webp')
    const { channels } = await sharp(bytes).stats()
    expect([channels[3]?.min, channels[3]?.max]).toEqual([0, 255])

    // Without scripts, a form sends the hidden field that names the action.
    const [, name] = /name="(\$ACTION_ID_[^"]+)"/.exec(page) ?? []
    const form = new FormData()
    form.set(name ?? 'missing', '')
    form.set(
      'photo',
      await sharp(checkout.path('app/cat.jpg'))
        .toBuffer()
        .then(data => new File([new Uint8Array(data)], 'cat.jpg')),
    )
    const done = await fetch(`${origin}/upload`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { origin },
    })
    expect(done.headers.get('location'), log).toMatch(/\/cut\?width=240&height=160&format=png$/)
  })
})

/** The text of a page, once the server answers. */
async function fetchText(url: string): Promise<string> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return response.text()
    await wait(250)
  }
}
