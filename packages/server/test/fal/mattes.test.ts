import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openServer } from '../support/open-server.ts'
import { drawCup, type ResultFile, readPixels, toDataUri } from '../support/pictures.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-server-mattes-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  return rm(dir, { recursive: true, force: true })
})

const white = () =>
  sharp({ create: { width: 150, height: 100, channels: 3, background: 'white' } })
    .png()
    .toBuffer()

test('the mattes of the machine’s project are neither used nor written, and a request cannot give one', async () => {
  const mattes = join(dir, 'mattes')
  const image_url = await toDataUri(drawCup())
  const cutOut = async (fields: object = {}) => {
    await using it = await openServer()
    const input = { image_url, ...fields } as { image_url: string }
    const { data } = await it.fal.run('fal-ai/birefnet', { input })
    return await readPixels((data as { image: ResultFile }).image)
  }
  const plain = await cutOut()
  // A name without a path resolves to the working directory.
  await sharp(await white()).toFile(join(dir, 'image.matte.png'))
  vi.spyOn(process, 'cwd').mockReturnValue(dir)
  vi.stubEnv('NOBG_MATTES', mattes)
  expect((await cutOut({ matte: await toDataUri(white()) })).bytes.equals(plain.bytes)).toBe(true)
  expect(existsSync(mattes)).toBe(false)
  vi.stubEnv('NOBG_FROZEN', '1')
  expect((await cutOut()).bytes.equals(plain.bytes)).toBe(true)
  vi.restoreAllMocks()
})
