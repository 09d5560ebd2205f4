import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isInArchive, locateWeights } from '../../src/models/locate.ts'
import { models } from '../../src/models/table.ts'
import { ensureWeights } from '../../src/models/weights.ts'

const model = models.find(({ id }) => id === 'u2netp')!
const weights = readFileSync(createRequire(import.meta.url).resolve(model.package as string))

type Resolver = { _resolveFilename(request: string, ...rest: unknown[]): string }
const resolver = Module as unknown as Resolver
const resolveFilename = resolver._resolveFilename

let dir: string
let packaged: string

// Yarn's Plug'n'Play resolves the package to a path inside a zip file.
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nobg-unpack-'))
  packaged = join(dir, 'u2netp-1.0.0.zip', 'u2netp.onnx')
  mkdirSync(join(dir, 'u2netp-1.0.0.zip'))
  resolver._resolveFilename = (request, ...rest) =>
    request === model.package ? packaged : resolveFilename(request, ...rest)
})
afterEach(() => {
  resolver._resolveFilename = resolveFilename
  rmSync(dir, { recursive: true, force: true })
})

test('weights inside an archive are copied to the folder of models', async () => {
  writeFileSync(packaged, weights)
  const config = { modelsDir: join(dir, 'models'), download: false }
  expect(await locateWeights(model, config.modelsDir)).toMatchObject({ installed: false })
  const { path } = await ensureWeights(model, config)
  expect(isInArchive(path)).toBe(false)
  expect(readFileSync(join(config.modelsDir, 'u2netp.onnx')).equals(weights)).toBe(true)
  expect(await locateWeights(model, config.modelsDir)).toMatchObject({
    installed: true,
    origin: 'downloaded',
  })
})

test('bytes with another digest are refused', async () => {
  writeFileSync(packaged, 'not these')
  const run = ensureWeights(model, { modelsDir: join(dir, 'models'), download: false })
  await expect(run).rejects.toMatchObject({ code: 'WEIGHTS_CORRUPT' })
})
