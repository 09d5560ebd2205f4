import { availableParallelism } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { loadRuntime, type OnnxRuntime } from '../../src/models/onnx-runtime.ts'

afterEach(() => vi.unstubAllEnvs())

const own = `@nobg/runtime-${process.platform}-${process.arch}`

/** Loads only the given packages. An error stands for a package that is installed and does not load. */
function loadOnly(packages: Record<string, Record<string, string> | Error>) {
  return async (name: string) => {
    const found = packages[name]
    if (found instanceof Error) throw found
    if (found) return { env: { versions: found, wasm: {} } } as unknown as OnnxRuntime
    throw Object.assign(new Error(`Cannot find package '${name}' imported from x`), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
  }
}

const node = { common: '1', node: '1.30.0' }
const web = { common: '1', web: '1.29.0' }
const broken = Object.assign(
  new Error(
    "Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'\nRequire stack:\n- /a/onnxruntime-node/dist/binding.js",
  ),
  { code: 'MODULE_NOT_FOUND' },
)

test.each([
  [
    'the package of the user before the one of nobg',
    { 'onnxruntime-node': node, [own]: node },
    'onnxruntime-node',
  ],
  ['the package of this system', { [own]: node, 'onnxruntime-web': web }, own],
  ['the WebAssembly build if nothing else is installed', { 'onnxruntime-web': web }, 'onnxruntime-web'],
])('loads %s', async (_, packages, name) => {
  const { ort: _ort, ...report } = await loadRuntime(1, loadOnly(packages))
  const isWasm = name === 'onnxruntime-web'
  expect(report).toEqual({ name, version: isWasm ? '1.29.0' : '1.30.0', isWasm, failures: [] })
})

test('reports a package that is installed and does not load, and takes the next', async () => {
  const packages = { 'onnxruntime-node': broken, [own]: node }
  expect(await loadRuntime(1, loadOnly(packages))).toMatchObject({
    name: own,
    failures: ["onnxruntime-node: Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'"],
  })
})

test('NOBG_RUNTIME=wasm loads the WebAssembly build only', async () => {
  vi.stubEnv('NOBG_RUNTIME', 'wasm')
  const packages = { 'onnxruntime-node': node, [own]: node }
  expect(await loadRuntime(1, loadOnly({ ...packages, 'onnxruntime-web': web }))).toMatchObject({
    isWasm: true,
  })
  await expect(loadRuntime(1, loadOnly(packages))).rejects.toMatchObject({
    code: 'INFERENCE_FAILED',
    message: expect.stringContaining('got no package onnxruntime-web'),
    hint: 'Install the WebAssembly build: npm i -D onnxruntime-web',
  })
})

test('refuses another value of NOBG_RUNTIME', async () => {
  vi.stubEnv('NOBG_RUNTIME', 'cuda')
  await expect(loadRuntime(1, loadOnly({}))).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining("got 'cuda'"),
  })
})

test('without any package, the error names the package to install', async () => {
  await expect(loadRuntime(1, loadOnly({}))).rejects.toMatchObject({
    message: expect.stringContaining(`got neither ${own} nor onnxruntime-web`),
    hint: expect.stringMatching(/npm i -D onnxruntime-web\. .*npm i --include=optional/),
  })
  await expect(loadRuntime(1, loadOnly({ [own]: broken }))).rejects.toMatchObject({
    message: expect.stringContaining(`\n  ${own}: Cannot find module`),
  })
})

test.each([
  [3, 3],
  [0, availableParallelism()],
])('with %i threads, the WebAssembly build has %i', async (threads, expected) => {
  const { ort } = await loadRuntime(threads, loadOnly({ 'onnxruntime-web': web }))
  expect(ort.env.wasm.numThreads).toBe(expected)
})
