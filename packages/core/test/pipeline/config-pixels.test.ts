import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Config, createRemover, type RemovalResult } from '../../src/index.ts'
import { configSchema } from '../../src/pipeline/config.ts'

const root = join(import.meta.dirname, '../../../..')
const astronaut = join(root, 'examples/vite/src/photos/astronaut.png')
const weights = join(root, 'packages/u2netp/weights/u2netp.onnx')
const quiet = { info() {}, warn() {} }
const unreachable = 'http://127.0.0.1:9'

/** Values of a field that change no pixel, or why the field may change pixels. */
type Claim = readonly Config[] | 'the key holds it' | 'another machine computes'

/** Each field of the config. A new field must be added here. */
const claims = {
  cacheDir: [{ cacheDir: 'elsewhere' }],
  cacheMaxBytes: [{ cacheMaxBytes: 1 }],
  store: [{ store: new Map() }],
  root: [{ root }],
  mattes: [{ mattes: 'mattes' }],
  frozen: [{ frozen: false }],
  quality: [{ quality: 'error' }, { quality: 'off' }],
  modelsDir: [{ modelsDir: 'elsewhere' }],
  download: [{ download: false }],
  modelsUrl: [{ modelsUrl: unreachable }],
  keepOriginalWeights: [{ keepOriginalWeights: false }],
  licenses: [{ licenses: ['Apache-2.0'] }],
  weightsPrecision: 'the key holds it',
  models: 'the key holds it',
  substitute: 'the key holds it',
  // `packages/server` compares the pixels of a remote server with those of this machine.
  remote: 'another machine computes',
  remoteKey: [{ remoteKey: 'key' }],
  threads: [{ threads: 1 }, { threads: 2 }, { threads: 3 }, { threads: 8 }],
  executionProviders: 'another machine computes',
  memory: [{ memory: 'auto' }, { memory: 'low' }, { memory: 'fast' }],
  concurrency: [{ concurrency: 1 }, { concurrency: 3 }],
  idleTimeoutMs: [{ idleTimeoutMs: 0 }],
  isolate: [{ isolate: true }],
  maxPixels: [{ maxPixels: 512 ** 2 }],
  svg: [{ svg: false }],
  maxBytes: [{ maxBytes: 1e7 }],
  timeoutMs: [{ timeoutMs: 1 }],
  logger: [{ logger: quiet }],
} as const satisfies Record<keyof Config, Claim>

let dir: string
let expected: RemovalResult

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-config-pixels-'))
  expected = await cut({}, 'defaults')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

/** Opens a remover with empty folders of its own. A relative folder in `config` is in them too. */
function open(config: Config, name: string) {
  const own = join(dir, name)
  const { cacheDir = 'cache', modelsDir = 'models' } = config
  const folders = { cacheDir: join(own, cacheDir), modelsDir: join(own, modelsDir) }
  return createRemover({ root: own, logger: quiet, ...config, ...folders })
}

async function cut(config: Config, name: string): Promise<RemovalResult> {
  await using remover = open(config, name)
  return remover.removeBackground(astronaut, { model: 'u2netp', outputMask: true })
}

function expectSamePixels({ data, mask, cached }: RemovalResult): void {
  expect(cached).toBe(false)
  expect(Buffer.compare(data, expected.data)).toBe(0)
  expect(Buffer.compare(mask?.data ?? Buffer.of(), expected.mask?.data ?? Buffer.of())).toBe(0)
}

test('each field of the config is classified', () => {
  expect(Object.keys(claims).sort()).toEqual(Object.keys(configSchema.shape).sort())
})

const values = Object.entries<Claim>(claims).flatMap(([name, claim]) =>
  typeof claim === 'string' ? [] : claim.map((config, index) => ({ name: `${name}-${index}`, config })),
)

test.each(values)('no pixel changes with $config', async ({ name, config }) => {
  expectSamePixels(await cut(config, name))
})

test('no pixel changes if a kept matte is used, frozen or not', async () => {
  const mattes = join(dir, 'kept')
  await cut({ root, mattes }, 'keeps')
  for (const frozen of [false, true]) {
    const again = await cut({ root, mattes, frozen }, `frozen-${frozen}`)
    expect(again.matte).toBe('kept')
    expectSamePixels(again)
  }
})

describe('the key of a matte holds', () => {
  async function keyOf(config: Config, model: string): Promise<string> {
    await using remover = open(config, 'keys')
    return (await remover.plan(astronaut, { model })).matteKey
  }

  test('the model that replaces another (substitute)', async () => {
    const replaced = await keyOf({ substitute: 'u2netp' }, 'portrait')
    expect(replaced).toBe(await keyOf({}, 'u2netp'))
    expect(replaced).not.toBe(await keyOf({}, 'portrait'))
  })

  test('the precision of the weights (weightsPrecision)', async () => {
    for (const model of ['general-light', 'general-heavy', 'portrait', 'General Use (Light)']) {
      const half = await keyOf({ weightsPrecision: 'float16' }, model)
      expect(half).not.toBe(await keyOf({}, model))
      expect(half).not.toBe(await keyOf({}, 'u2netp'))
    }
    expect(await keyOf({ weightsPrecision: 'float16' }, 'u2netp')).toBe(await keyOf({}, 'u2netp'))
  })

  test('how a local model is read (models)', async () => {
    const row = { path: weights, resolution: 320, meaning: 'probability' } as const
    const key = await keyOf({ models: { u2netp: row } }, 'u2netp')
    expect(key).not.toBe(await keyOf({}, 'u2netp'))
    expect(key).not.toBe(await keyOf({ models: { u2netp: { ...row, minMax: true } } }, 'u2netp'))
  })
})
