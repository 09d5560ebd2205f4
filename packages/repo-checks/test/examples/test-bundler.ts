import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Checkout, checkOut, EXAMPLES, listFiles, listPhotos } from './checkout.ts'

/** How an example is built. */
export interface Build {
  /** Folder below `examples/`. */
  example: string
  /** Program and arguments, run in the folder of the example. */
  command: readonly [program: string, ...words: string[]]
  /** Folder of the output. */
  out: string
  /** The file that refers to the photograph, and the reference; absent if the command names the photograph. */
  reference?: { file: string; text: string }
}

/** An image file of the output that has a transparent background. */
interface Cutout {
  /** Path below the output folder. */
  name: string
  bytes: Buffer
  /** `240 × 160`, in px. */
  size: string
}

/**
 * The conformance suite of all tools: real builds of the example of a tool, one after the other, in a temporary folder.
 *
 * @param build command and files of the example
 */
export function testBundler(name: string, build: Build): void {
  const run = (checkout: Checkout) => checkout.run(...build.command)
  const keepsMattes = existsSync(join(EXAMPLES, build.example, 'mattes'))

  describe(name, () => {
    let checkout: Checkout
    let photos: string[]
    let cutouts: Cutout[]

    beforeAll(async () => {
      checkout = await checkOut(build.example)
      photos = await listPhotos(checkout.root)
    })
    afterAll(() => checkout.remove())

    async function expectCutouts(): Promise<void> {
      cutouts = await readCutouts(checkout, build)
      const sizes = cutouts.map(({ size }) => size)
      for (const photo of photos) {
        const { width, height } = await sharp(photo).metadata()
        expect(sizes).toContain(`${width} × ${height}`)
      }
    }

    test.runIf(keepsMattes)('with the committed mattes, a build runs no model and is frozen', async () => {
      const { failed, usedModel, output } = await run(checkout)
      expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: false })
      await expectCutouts()
      await checkout.forget()
    })

    test('each photograph becomes a cutout of the same size', async () => {
      const { failed, usedModel, output } = await run(checkout)
      expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: true })
      await expectCutouts()
    })

    test('a second build runs no model and gives the same files', async () => {
      const { failed, usedModel, output } = await run(checkout)
      expect({ failed, usedModel }, output).toEqual({ failed: false, usedModel: false })
      expect(namesOf(await readCutouts(checkout, build))).toEqual(namesOf(cutouts))
    })

    test('a checkout in another folder gives the same names', async () => {
      const other = await checkOut(build.example)
      onTestFinished(() => other.remove())
      await other.forget()
      for (const folder of ['.nobg-cache', ...(keepsMattes ? ['mattes'] : [])])
        await cp(checkout.path(folder), other.path(folder), { recursive: true })
      const { failed, output } = await run(other)
      expect(failed, output).toBe(false)
      expect(namesOf(await readCutouts(other, build))).toEqual(namesOf(cutouts))
    })

    test('a changed photograph gives another picture', async () => {
      const mirrored = sharp(await readFile(photos[0])).flop()
      await writeFile(photos[0], await mirrored.toBuffer())
      await forgetMattes(checkout)
      const { failed, output } = await run(checkout)
      expect(failed, output).toBe(false)
      const isNew = ({ bytes }: Cutout) => !cutouts.some(cutout => cutout.bytes.equals(bytes))
      expect(namesOf((await readCutouts(checkout, build)).filter(isNew))).not.toEqual([])
    })

    test('a damaged photograph fails the build with image, reason and position of the reference', async () => {
      const { file, text } = build.reference ?? { text: basename(photos[0]) }
      const photo = photos.find(path => text.includes(basename(path))) ?? ''
      await writeFile(photo, 'no image')
      await forgetMattes(checkout)
      const { failed, output } = await run(checkout)
      expect(failed).toBe(true)
      expect(output).toContain(relative(checkout.root, photo))
      expect(output).toContain('Expected an image, got text')
      if (file) expect(output).toContain(`${file}:${await locate(checkout.path(file), text)}`)
    })
  })
}

async function readCutouts({ root, path }: Checkout, { out }: Build): Promise<Cutout[]> {
  const photos = new Set(await listPhotos(root))
  const files = (await listFiles(path(out))).filter(
    file => /\.(?:png|webp|avif)$/.test(file) && !photos.has(file),
  )
  const pictures = await Promise.all(
    files.map(async file => {
      const bytes = await readFile(file)
      const image = sharp(bytes)
      const [{ width, height, hasAlpha }, { channels }] = await Promise.all([image.metadata(), image.stats()])
      const clear = hasAlpha && channels[channels.length - 1].min === 0
      return clear ? [{ name: relative(path(out), file), bytes, size: `${width} × ${height}` }] : []
    }),
  )
  return pictures.flat()
}

/** Removes the kept mattes, so that the build is not frozen and reaches the photographs. */
function forgetMattes(checkout: Checkout): Promise<void> {
  return rm(checkout.path('mattes'), { recursive: true, force: true })
}

function namesOf(cutouts: Cutout[]): string[] {
  return cutouts.map(({ name }) => name)
}

/** `line:column:` of the first occurrence of a text, from 1. */
async function locate(file: string, text: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  const line = lines.findIndex(content => content.includes(text))
  return `${line + 1}:${lines[line].indexOf(text) + 1}`
}
