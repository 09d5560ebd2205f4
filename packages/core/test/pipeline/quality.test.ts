import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Config, createRemover, type Remover } from '../../src/index.ts'
import { decodeCheck, encodeCheck } from '../../src/pipeline/quality.ts'

const [WIDTH, HEIGHT] = [300, 200]
const model = 'u2netp'

let dir: string
let photo: string
let open: Remover[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-quality-'))
  photo = join(dir, 'photo.png')
  await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'teal' } }).toFile(photo)
  open = []
})

afterEach(async () => {
  await Promise.all(open.map(remover => remover.close()))
  await rm(dir, { recursive: true, force: true })
})

function openRemover(config: Config = {}): Remover {
  const remover = createRemover({ root: dir, cacheDir: join(dir, 'cache'), ...config })
  open.push(remover)
  return remover
}

type Alpha = (x: number, y: number) => number

const paintings = {
  whole: (x: number) => (x > 80 && x < 200 ? 255 : 0),
  halves: (x: number) => (x % 150 > 20 && x % 150 < 100 ? 255 : 0),
  empty: () => 0,
} satisfies Record<string, Alpha>

/** A matte as a PNG. */
function paint(alpha: Alpha): Promise<Buffer> {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => alpha(i % WIDTH, Math.floor(i / WIDTH)))
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const
  return sharp(data, { raw }).toColourspace('b-w').png().toBuffer()
}

/** Writes a matte beside the photograph. */
async function giveMatte(name: keyof typeof paintings): Promise<void> {
  await writeFile(join(dir, 'photo.matte.png'), await paint(paintings[name]))
}

const scattered = {
  code: 'MATTE_SCATTERED',
  message: expect.stringMatching(/^The subject .* 50 % .*\.$/),
}
const doubtful = {
  code: 'DOUBTFUL_MATTE',
  message: expect.stringContaining('MATTE_SCATTERED'),
  hint: expect.stringContaining('`quality`'),
  findings: [scattered],
}

/** Every call that makes a cutout. */
const calls: [name: string, run: (remover: Remover) => Promise<unknown>][] = [
  ['removeBackground', remover => remover.removeBackground(photo)],
  ['ensure', async remover => remover.ensure(await remover.plan(photo))],
  ['ensure with a mask', async remover => remover.ensure(await remover.plan(photo, { outputMask: true }))],
  ['composeCutout', remover => remover.composeCutout(photo)],
]

describe.each(calls)('%s', (name, run) => {
  const isCached = name !== 'composeCutout'

  test('returns the findings of a new and of a cached cutout', async () => {
    await giveMatte('halves')
    expect(await run(openRemover())).toMatchObject({ findings: [scattered] })
    const again = await run(openRemover())
    expect(again).toMatchObject({ findings: [scattered], ...(isCached && { cached: true }) })
  })

  test('returns no findings of a good matte', async () => {
    await giveMatte('whole')
    expect(await run(openRemover({ quality: 'error' }))).toMatchObject({ findings: [] })
  })

  test('throws if quality is error, also if the cutout is cached', async () => {
    await giveMatte('halves')
    const strict = openRemover({ quality: 'error' })
    await expect(run(strict)).rejects.toMatchObject({ ...doubtful, source: photo })
    await expect(run(strict)).rejects.toMatchObject(doubtful)
    await expect(run(openRemover())).resolves.toMatchObject({ findings: [scattered] })
    await expect(run(openRemover({ quality: 'error' }))).rejects.toMatchObject(doubtful)
  })

  test('returns no findings if quality is off, and leaves them to other configs', async () => {
    await giveMatte('halves')
    await expect(run(openRemover({ quality: 'off' }))).resolves.toMatchObject({ findings: [] })
    await expect(run(openRemover())).resolves.toMatchObject({ findings: [scattered] })
  })

  test('accepts an empty matte only if quality is off, whatever is cached', async () => {
    await giveMatte('empty')
    await expect(run(openRemover())).rejects.toMatchObject({ code: 'INVALID_MATTE' })
    await expect(run(openRemover({ quality: 'off' }))).resolves.toMatchObject({ findings: [] })
    const code = isCached ? 'NO_SUBJECT' : 'INVALID_MATTE'
    await expect(run(openRemover())).rejects.toMatchObject({ code })
    await expect(run(openRemover({ quality: 'error' }))).rejects.toMatchObject({ code })
  })
})

test('allowEmpty accepts an empty matte, and reports it', async () => {
  await giveMatte('empty')
  const options = { allowEmpty: true }
  for (const quality of ['warn', 'error'] as const) {
    const { findings } = await openRemover({ quality }).removeBackground(photo, options)
    expect(findings).toEqual([{ code: 'MATTE_EMPTY', message: expect.any(String) }])
  }
})

test('a cutout that a threshold made empty is refused from the cache, too', async () => {
  await writeFile(join(dir, 'photo.matte.png'), await paint(x => (x > 80 && x < 200 ? 120 : 0)))
  const options = { threshold: 0.9 }
  await openRemover({ quality: 'off' }).removeBackground(photo, options)
  await expect(openRemover().removeBackground(photo, options)).rejects.toMatchObject({ code: 'NO_SUBJECT' })
})

test('a predicted matte is checked, and a doubtful one is kept so that it can be corrected', async () => {
  // u2netp predicts a faint subject in plain teal.
  const strict = openRemover({ mattes: 'kept', quality: 'error' })
  const findings = expect.arrayContaining([{ code: 'MATTE_UNSURE', message: expect.any(String) }])
  await expect(strict.removeBackground(photo, { model })).rejects.toMatchObject({
    code: 'DOUBTFUL_MATTE',
    findings,
  })
  expect(await readdir(join(dir, 'kept', 'photo.png'))).toHaveLength(1)
  const found = await openRemover().removeBackground(photo, { model })
  expect(found).toMatchObject({ matte: 'predicted', findings })
})

test('a kept matte is checked', async () => {
  const image = await sharp(photo).png().toBuffer()
  const plan = await openRemover({ mattes: 'kept' }).plan(image, { model })
  const keep = plan.matte.origin === 'predicted' && plan.matte.keep
  if (!keep) throw new Error('expected a matte to be kept')
  const folder = join(dir, 'kept', '_data', keep.name)
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${model}-320.${keep.digest.slice(0, 8)}.png`)
  await writeFile(file, await paint(paintings.halves))
  const found = await openRemover({ mattes: 'kept' }).removeBackground(image, { model })
  expect(found).toMatchObject({ matte: 'kept', findings: [scattered] })
})

test('quality is in no key', async () => {
  await giveMatte('whole')
  const keys = new Set<string>()
  for (const quality of ['warn', 'error', 'off'] as const)
    keys.add((await openRemover({ quality }).plan(photo)).key)
  expect(keys.size).toBe(1)
})

test('another word than warn, error and off is refused', () => {
  expect(() => createRemover({ quality: 'strict' as never })).toThrow(/expected warn, error or off/)
})

test.each([
  [{}, { findings: [], isEmpty: false }],
  [
    { findings: 'MATTE_HOLLOW 0.5', isEmpty: true },
    { findings: [{ code: 'MATTE_HOLLOW', figure: 0.5 }], isEmpty: true },
  ],
  [
    { findings: 'toString 1,MATTE_FULL x,MATTE_FULL,\u001b[2J,MATTE_FULL 1' },
    { findings: [{ code: 'MATTE_FULL', figure: 1 }], isEmpty: false },
  ],
  [
    { findings: 7, isEmpty: 'yes' },
    { findings: [], isEmpty: false },
  ],
])('reads metadata of a cache: %j', (meta, check) => {
  expect(decodeCheck(meta)).toEqual(check)
})

test('metadata holds a check', () => {
  const check = {
    findings: [
      { code: 'MATTE_FULL', figure: 0.99 },
      { code: 'MATTE_UNSURE', figure: 0.4 },
    ],
    isEmpty: false,
  } as const
  expect(decodeCheck(encodeCheck({ ...check, findings: [...check.findings] }))).toEqual(check)
})
