import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Model, models } from '../../src/models/table.ts'
import { createRemover } from '../../src/pipeline/remover.ts'
import { createPassesWarning } from '../../src/pipeline/warn-of-passes.ts'

const find = (id: string) => models.find(model => model.id === id) as Model

function listen() {
  const said: string[] = []
  return { said, logger: { info() {}, warn: (message: string) => said.push(message) } }
}

test.each([
  { model: 'u2netp', side: 320, width: 800, height: 600, warns: false, why: 'one pass' },
  {
    model: 'u2netp',
    side: 640,
    width: 300,
    height: 200,
    warns: false,
    why: 'the picture fits into one pass',
  },
  { model: 'u2netp', side: 640, width: 800, height: 600, warns: true, why: 'small' },
  { model: 'u2netp', side: 640, width: 600, height: 2047, warns: true, why: 'just too small' },
  { model: 'u2netp', side: 640, width: 600, height: 2048, warns: false, why: 'large' },
  { model: 'portrait', side: 2048, width: 1500, height: 1500, warns: false, why: 'not measured' },
])('$model at $side px, $width×$height px, $why: warns $warns', ({ model, side, width, height, warns }) => {
  const { said, logger } = listen()
  createPassesWarning(logger)({ model: find(model), operatingResolution: side }, { width, height })
  expect(said.length > 0).toBe(warns)
})

test('warns once per model', () => {
  const { said, logger } = listen()
  const warn = createPassesWarning(logger)
  for (const operatingResolution of [640, 1280])
    warn({ model: find('u2netp'), operatingResolution }, { width: 800, height: 600 })
  expect(said).toEqual([
    'nobg: u2netp at 640 px runs the network several times on a picture of 800×600 px. The edges of pictures below 2048 px do not get better. Omit operatingResolution (320 px), or choose another model.',
  ])
})

test('a remover warns, and makes the matte as it was asked for', async () => {
  const { said, logger } = listen()
  const cacheDir = await mkdtemp(join(tmpdir(), 'nobg-passes-'))
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }))
  await using remover = createRemover({ cacheDir, logger, download: false })
  const [width, height] = [400, 300]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    return Math.hypot((Math.floor(i / 3) % width) - 200, Math.floor(i / 3 / width) - 150) < 80 ? 230 : 40
  })
  const picture = { data, width, height, channels: 3 } as const
  const options = { model: 'u2netp', operatingResolution: 640, allowEmpty: true } as const
  await remover.composeCutout(picture, options)
  expect(said.filter(line => line.includes('several times'))).toHaveLength(1)
  expect((await remover.plan(picture, options)).operatingResolution).toBe(640)
})
