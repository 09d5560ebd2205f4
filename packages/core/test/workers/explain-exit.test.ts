import { afterEach, expect, test, vi } from 'vitest'
import { explainExit, type WorkerExit } from '../../src/workers/explain-exit.ts'
import { createWorkers } from '../../src/workers/pools.ts'
import { plainWorkers } from '../support/plain-workers.ts'

afterEach(() => vi.unstubAllEnvs())

const deaths: [name: string, exit: WorkerExit, message: RegExp, hint: RegExp][] = [
  [
    'no worker file',
    { error: new Error("Cannot find module '/app/dist/entry/worker.js'") },
    /ended unexpectedly: Cannot find module '\/app\/dist\/entry\/worker.js'$/,
    /from the bundle.*serverExternalPackages.*external/,
  ],
  [
    'no sharp',
    {
      error: new Error('Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions:'),
    },
    /Could not load the "sharp" module/,
    /Install sharp/,
  ],
  [
    'no module',
    {
      error: new Error('Worker exited unexpectedly'),
      exitCode: 1,
      signal: null,
      stderr:
        "node:internal/modules\n    throw err\n\nError: Cannot find package 'zod'\n    at x\n\nNode.js v24.0.0",
    },
    /ended unexpectedly: Error: Cannot find package 'zod'$/,
    /Install the dependencies again/,
  ],
  [
    "a thread's heap",
    {
      error: Object.assign(new Error('Worker terminated due to reaching memory limit'), {
        code: 'ERR_WORKER_OUT_OF_MEMORY',
      }),
    },
    /memory limit/,
    /memory ran out/,
  ],
  [
    "a process's heap",
    {
      error: new Error('Worker exited unexpectedly'),
      exitCode: null,
      signal: 'SIGABRT',
      stderr:
        'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n',
    },
    /SIGABRT, after: FATAL ERROR: .* heap out of memory/,
    /memory ran out/,
  ],
  [
    'SIGKILL',
    { error: new Error('Worker exited unexpectedly'), exitCode: null, signal: 'SIGKILL' },
    /SIGKILL/,
    /killed the process.*memory/,
  ],
  [
    'SIGILL',
    { error: new Error('Worker exited unexpectedly'), exitCode: null, signal: 'SIGILL' },
    /SIGILL/,
    /Native code/,
  ],
  [
    'SIGTERM',
    { error: new Error('Worker exited unexpectedly'), exitCode: null, signal: 'SIGTERM' },
    /SIGTERM/,
    /run again/,
  ],
  [
    'an exit',
    { error: new Error('Worker exited unexpectedly'), exitCode: 3, signal: null },
    /code 3/,
    /report it/,
  ],
]

test.each(deaths)('%s', (_, exit, message, hint) => {
  const error = explainExit('The worker', exit)
  expect(error).toMatchObject({ code: 'INFERENCE_FAILED', cause: expect.any(Error) })
  expect(error.message).toMatch(message)
  expect(error.hint).toMatch(hint)
  if (!/memory|heap|KILL/.test(String(message))) expect(error.hint).not.toContain('memory')
})

/** Returns a Node flag with a module that makes the import of packages fail in each worker. */
function preloadWithout(names: RegExp): string {
  const source = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(specifier, context, next) {
      if (${names}.test(specifier)) throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(specifier, context)
    } })`
  return `--import=data:text/javascript,${encodeURIComponent(source)}`
}

test('reports that an image thread cannot load sharp', async () => {
  vi.stubEnv('NODE_OPTIONS', preloadWithout(/^sharp$/))
  const workers = createWorkers(plainWorkers)
  const run = workers.withImageThread(thread => thread.run('decode', { data: new Uint8Array(10) }))
  await expect(run).rejects.toMatchObject({
    message: expect.stringContaining("Cannot find package 'sharp'"),
    hint: expect.stringContaining('nstall'),
    cause: { code: 'ERR_MODULE_NOT_FOUND' },
  })
  await workers.close()
})

const picture = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const
const model = {
  id: 'own',
  license: '',
  urls: [],
  resolution: 2,
  fit: 'stretch',
  mean: [0, 0, 0],
  std: [1, 1, 1],
  meaning: 'logits',
  minMax: false,
} as const

test.each([
  ['no package of ONNX Runtime', /^(?:onnxruntime-|@nobg\/runtime-)/, {}, 'got neither @nobg/runtime-'],
  ['no WebAssembly build', /^onnxruntime-web/, { NOBG_RUNTIME: 'wasm' }, 'got no package onnxruntime-web'],
])('reports that a process finds %s', async (_, names, env, reason) => {
  for (const [name, value] of Object.entries({ ...env, NODE_OPTIONS: preloadWithout(names) }))
    vi.stubEnv(name, value)
  const workers = createWorkers(plainWorkers)
  await expect(workers.predict(model, import.meta.filename, [picture])).rejects.toMatchObject({
    code: 'INFERENCE_FAILED',
    message: expect.stringContaining(reason),
    hint: expect.stringContaining('npm i -D onnxruntime-web'),
  })
  await workers.close()
})
