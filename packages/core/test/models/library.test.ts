import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ModelLibrary, openModelLibrary } from '../../src/models/library.ts'
import type { ModelRegistry } from '../../src/models/registry.ts'
import { type Model, models } from '../../src/models/table.ts'
import { createModelLibrary } from '../../src/pipeline/model-library.ts'
import { plainModel, saveModel, twoOutputs } from '../support/graphs.ts'

const weights = Buffer.from('not very heavy weights')
const sha256 = createHash('sha256').update(weights).digest('hex')

let server: Server
let dir: string
let modelsDir: string
let library: ModelLibrary

beforeEach(async () => {
  server = createServer((_, response) => response.end(weights))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  dir = await mkdtemp(join(tmpdir(), 'nobg-library-'))
  modelsDir = join(dir, 'models')
  const fetched: Model = { ...plainModel, id: 'fetched', urls: [url], bytes: weights.length, sha256 }
  const own: Model = { ...plainModel, id: 'own', path: join(modelsDir, 'own.onnx') }
  const packaged = models.find(({ id }) => id === 'u2netp') as Model
  library = openModelLibrary(tableOf([own, fetched, packaged]), { modelsDir, download: true })
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true, force: true })
})

function tableOf(rows: Model[]): ModelRegistry {
  return { list: () => rows, find: name => rows.find(({ id }) => id === name) as Model }
}

async function listBriefly() {
  return (await library.list()).map(({ model, origin, installed }) => [model.id, origin, installed])
}

describe('a library', () => {
  test('lists the models and their paths, and creates nothing', async () => {
    expect(await listBriefly()).toEqual([
      ['own', 'own', false],
      ['fetched', 'downloaded', false],
      ['u2netp', 'packaged', true],
    ])
    expect((await library.locate('fetched')).path).toBe(join(modelsDir, 'fetched.onnx'))
    expect(await readdir(dir)).toEqual([])
  })

  test('pulls, verifies and removes', async () => {
    const path = join(modelsDir, 'fetched.onnx')
    expect(await library.pull('fetched')).toBe(path)
    expect(await readFile(path)).toEqual(weights)
    expect(await listBriefly()).toContainEqual(['fetched', 'downloaded', true])
    expect(await library.verify('fetched')).toBe(path)
    expect(await library.remove('fetched')).toBe(true)
    expect(await readdir(modelsDir)).toEqual([])
    expect(await library.remove('fetched')).toBe(false)
  })

  test('verifies weights in a package', async () => {
    expect(await library.verify('u2netp')).toMatch(/u2netp\.onnx$/)
  })

  test.each([
    ['a missing file', undefined, 'WEIGHTS_UNAVAILABLE'],
    ['a file of another size', Buffer.concat([weights, weights]), 'WEIGHTS_CORRUPT'],
    ['a file with another letter', Buffer.from('not very heavy weightz'), 'WEIGHTS_CORRUPT'],
  ])('%s fails verification, and is not fetched', async (_, bytes, code) => {
    await mkdir(modelsDir)
    if (bytes) await writeFile(join(modelsDir, 'fetched.onnx'), bytes)
    await expect(library.verify('fetched')).rejects.toMatchObject({ code })
    expect(await readdir(modelsDir)).toEqual(bytes ? ['fetched.onnx'] : [])
  })

  test('never removes a file that nobg did not write', async () => {
    await mkdir(modelsDir)
    // The file is in the models' folder, but it belongs to the user.
    for (const name of ['own.onnx', 'u2netp.onnx']) await writeFile(join(modelsDir, name), 'mine')
    for (const name of ['own', 'u2netp']) {
      await expect(library.remove(name)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
    expect(await readdir(modelsDir)).toEqual(['own.onnx', 'u2netp.onnx'])
    expect(await listBriefly()).toContainEqual(['u2netp', 'packaged', true])
  })
})

describe('optimized files', () => {
  const saveOptimized = async (id: string, source: string) => {
    const model = {
      ...(await saveModel(source, twoOutputs, { id, output: 'mean' })),
      urls: ['http://127.0.0.1:1'],
    }
    return id === 'own' ? model : { ...model, path: undefined }
  }

  beforeEach(() => mkdir(modelsDir))

  test('are verified and removed with the original', async () => {
    const model = await saveOptimized('plain', join(modelsDir, 'plain.onnx'))
    const library = openModelLibrary(tableOf([model]), { modelsDir, download: false })
    const optimized = join(modelsDir, 'plain.optimized.onnx')
    expect(await library.pull('plain')).toBe(join(modelsDir, 'plain.onnx'))
    expect(await library.locate('plain')).toMatchObject({ optimized, installed: true })
    expect(await library.verify('plain')).toBe(join(modelsDir, 'plain.onnx'))
    await writeFile(optimized, Buffer.alloc((await readFile(optimized)).length))
    await expect(library.verify('plain')).rejects.toMatchObject({
      code: 'WEIGHTS_CORRUPT',
      message: expect.stringContaining('plain.optimized.onnx'),
    })
    await writeFile(join(modelsDir, 'plain.onnx.0123abcd.part'), 'cut')
    await writeFile(join(modelsDir, 'plainer.onnx'), 'another')
    expect(await library.remove('plain')).toBe(true)
    expect(await readdir(modelsDir)).toEqual(['plainer.onnx'])
    await writeFile(join(modelsDir, 'plain.onnx.0123abcd.part'), 'cut')
    expect(await library.remove('plain')).toBe(true)
    expect(await library.remove('plain')).toBe(false)
  })

  test('of a local model are removed, and the model stays', async () => {
    const model = await saveOptimized('own', join(dir, 'own.onnx'))
    const library = openModelLibrary(tableOf([model]), { modelsDir, download: false })
    expect(await library.pull('own')).toBe(model.path)
    expect(await readdir(modelsDir)).toHaveLength(2)
    expect(await library.verify('own')).toBe(model.path)
    expect(await library.remove('own')).toBe(true)
    expect(await readdir(modelsDir)).toEqual([])
    await expect(library.remove('own')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(await library.verify('own')).toBe(model.path)
  })
})

describe('createModelLibrary', () => {
  test('uses folder and local models of the config', async () => {
    const path = join(dir, 'mine.onnx')
    const configured = createModelLibrary({ modelsDir, models: { mine: { path } } })
    const [first, ...others] = await configured.list()
    expect(first).toMatchObject({ model: { id: 'mine' }, path, origin: 'own', installed: false })
    expect(others.map(({ model }) => model.id)).toEqual(models.map(({ id }) => id))
    expect((await configured.locate('Portrait')).path).toBe(join(modelsDir, 'portrait.onnx'))
  })

  test('does not download if downloads are off', async () => {
    const run = createModelLibrary({ modelsDir, download: false }).pull('modnet')
    await expect(run).rejects.toMatchObject({ code: 'WEIGHTS_UNAVAILABLE' })
  })

  test('refuses unknown names', () => {
    expect(() => createModelLibrary().find('portait')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MODEL', hint: expect.stringContaining("'portrait'") }),
    )
  })
})
