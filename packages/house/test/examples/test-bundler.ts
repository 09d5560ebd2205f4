import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { basename, extname, relative } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { type Checkout, checkOut, listFiles, listPhotos, type Run } from './checkout.ts'

/** How an example is built. */
export interface Build {
  /** Folder below `examples/`. */
  example: string
  /** Program and words, as a user types them in the example's folder. */
  command: [program: string, ...words: string[]]
  /** Folder of the output. */
  out: string
  /** The file that refers to the photograph, and how; absent where a program names its file itself. */
  reference?: { file: string; text: string }
}

/** An image file of the output that has a transparent background. */
interface Cutout {
  /** Path below the output folder. */
  name: string
  bytes: Buffer
  width: number
  height: number
}

/**
 * What must hold in every tool: real builds of the tool's example, in folders of their own.
 *
 * @param build how the tool's example is built.
 */
export function testBundler(name: string, build: Build): void {
  const run = (checkout: Checkout) => checkout.run(...build.command)

  describe(name, () => {
    test('each photograph becomes a cut-out of its size; again, without a model, under the same name', async () => {
      const checkout = await checkOut(build.example)
      const first = await run(checkout)
      expect(first, first.output).toMatchObject({ failed: false, usedModel: true })
      const cutouts = await readCutouts(checkout, build)
      for (const photo of await listPhotos(checkout)) {
        const { width, height } = await sharp(photo).metadata()
        const own = cutouts.filter(cutout => basename(cutout.name).startsWith(basename(photo, extname(photo))))
        expect(own).toContainEqual(expect.objectContaining({ width, height }))
      }
      const second = await run(checkout)
      expect(second, second.output).toMatchObject({ failed: false, usedModel: false })
      expect(namesOf(await readCutouts(checkout, build))).toEqual(namesOf(cutouts))
    })

    test('in another folder the names are the same, and a changed photograph gives another picture', async () => {
      const [one, other] = [await checkOut(build.example), await checkOut(build.example)]
      for (const checkout of [one, other]) expectSuccess(await run(checkout))
      const before = await readCutouts(one, build)
      expect(namesOf(await readCutouts(other, build))).toEqual(namesOf(before))
      const [photo] = await listPhotos(one)
      await sharp(await readFile(photo)).flop().toFile(`${photo}.new${extname(photo)}`)
      await copyFile(`${photo}.new${extname(photo)}`, photo)
      expectSuccess(await run(one))
      const known = before.map(({ bytes }) => bytes)
      const fresh = (await readCutouts(one, build)).filter(({ bytes }) => !known.some(old => old.equals(bytes)))
      expect(fresh.length).toBeGreaterThan(0)
    })

    test('a damaged photograph stops the build: image, reason, and where it is asked for', async () => {
      const checkout = await checkOut(build.example)
      const photos = await listPhotos(checkout)
      const photo = photos.find(path => build.reference?.text.includes(basename(path, extname(path)))) ?? photos[0]
      await writeFile(photo, 'no image')
      const { failed, output } = await run(checkout)
      expect(failed).toBe(true)
      expect(output).toContain(relative(checkout.root, photo))
      expect(output).toContain('Expected an image, got text.')
      if (!build.reference) return
      const { file, text } = build.reference
      expect(output).toMatch(new RegExp(`${escape(file)}:${await locate(checkout.path(file), text)}`))
    })
  })
}

function expectSuccess({ failed, output }: Run): void {
  expect(failed, output).toBe(false)
}

async function readCutouts({ root, path }: Checkout, { out }: Build): Promise<Cutout[]> {
  const photos = new Set(await listPhotos({ root } as Checkout))
  const files = (await listFiles(path(out))).filter(file => /\.(?:png|webp|avif)$/.test(file) && !photos.has(file))
  const pictures = await Promise.all(
    files.map(async file => {
      const bytes = await readFile(file)
      const image = sharp(bytes)
      const [{ width, height, hasAlpha }, { channels }] = await Promise.all([image.metadata(), image.stats()])
      const clear = hasAlpha && channels[channels.length - 1].min === 0
      return clear ? [{ name: relative(path(out), file), bytes, width, height }] : []
    }),
  )
  return pictures.flat()
}

function namesOf(cutouts: Cutout[]): string[] {
  return cutouts.map(({ name }) => name)
}

/** `line:` of a text's first mention. */
async function locate(file: string, text: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return `${lines.findIndex(line => line.includes(text)) + 1}:\\d+`
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
