import { spawnSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import type { RuntimeReport } from '../../src/models/session-types.ts'
import { createRuntimeLog } from '../../src/workers/runtime-log.ts'

const native: RuntimeReport = { name: 'onnxruntime-node', version: '1.30.0', isWasm: false, failures: [] }
const wasm: RuntimeReport = { name: 'onnxruntime-web', version: '1.30.0', isWasm: true, failures: [] }

function log(...reports: RuntimeReport[]) {
  const logger = { info: vi.fn(), warn: vi.fn() }
  const logRuntime = createRuntimeLog(logger)
  for (const report of reports) logRuntime(report)
  return { infos: logger.info.mock.calls.flat(), warnings: logger.warn.mock.calls.flat() }
}

test('a native package that loads at once is not logged', () => {
  expect(log(native)).toEqual({ infos: [], warnings: [] })
})

test('a package that does not load is a warning, once', () => {
  const report = { ...native, failures: ['onnxruntime-node: Cannot find module x'] }
  expect(log(report, report).warnings).toEqual([
    'nobg: a package of ONNX Runtime does not load: onnxruntime-node: Cannot find module x',
  ])
})

test('the WebAssembly build is one line, and none if it is forced', () => {
  expect(log(wasm, wasm).infos).toEqual([
    expect.stringMatching(/no native ONNX Runtime for \w+-\w+: inference runs on onnxruntime-web/),
  ])
  vi.stubEnv('NOBG_RUNTIME', 'wasm')
  expect(log(wasm).infos).toEqual([])
  vi.unstubAllEnvs()
})

test.each([
  ['nobg', 'inference runs on onnxruntime-node 1.30.0'],
  ['', ''],
])('with NODE_DEBUG=%j, stderr has: %s', (value, expected) => {
  const script = `import { createRuntimeLog } from '${new URL('../../src/workers/runtime-log.ts', import.meta.url)}'
    createRuntimeLog(console)(${JSON.stringify(native)})`
  const env = { ...process.env, NODE_DEBUG: value }
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env,
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
  if (expected) expect(stderr).toContain(expected)
  else expect(stderr).toBe('')
})
