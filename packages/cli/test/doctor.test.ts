import { mkdirSync, writeFileSync } from 'node:fs'
import { acquireLock } from '@nobg/core/internal'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { CheckResult } from '../src/doctor/check-result.ts'
import { openWorkspace, type Workspace } from './support/workspace.ts'

let workspace: Workspace
let env: Record<string, string>

beforeEach(() => {
  workspace = openWorkspace()
  env = { NOBG_MODELS_DIR: workspace.path('models'), NOBG_CACHE_DIR: workspace.path('cache') }
})

async function check(env: Record<string, string>): Promise<{ code?: number; results: CheckResult[] }> {
  const { code, stdout } = await workspace.run(['doctor', '--json'], env)
  return { code, results: JSON.parse(stdout).checks }
}

function pick(results: readonly CheckResult[], name: string): CheckResult | undefined {
  return results.find(({ check }) => check === name)
}

describe('nobg doctor', () => {
  test('passes where everything is installed, and leaves no files', async () => {
    const { code, results } = await check(env)
    expect(results.filter(({ status }) => status === 'fail')).toEqual([])
    expect(code).toBe(0)
    const names = ['nobg', 'node', 'system', 'memory', 'sharp', 'cutout', 'runtime', 'weights']
    const places = ['cache-folder', 'models-folder', 'cache', 'locks', 'variables']
    expect(results.map(({ check }) => check)).toEqual([...names, ...places])
    expect(pick(results, 'weights')?.data).toMatchObject({ model: 'u2netp' })
    expect(pick(results, 'node')?.data).toEqual({ version: process.version })
    expect(workspace.list()).toEqual([])
  })

  test('prints a line for each check, and an action below a failed check', async () => {
    const { code, stdout } = await workspace.run(['doctor'], { ...env, NOBG_RUNTIME: 'other' })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ok {4}node +Node v\d+/m)
    expect(stdout).toMatch(
      /^fail {2}runtime +Expected NOBG_RUNTIME to be 'wasm' or not set, got 'other'\.\n {6}Set /m,
    )
  })

  test('reports damaged weights with the path and an action', async () => {
    mkdirSync(workspace.path('models'))
    const file = workspace.path('models', 'modnet.onnx')
    writeFileSync(file, 'no weights')
    const { code, results } = await check(env)
    expect(code).toBe(1)
    const damaged = results.find(({ data }) => data?.model === 'modnet')
    expect(damaged).toMatchObject({
      check: 'weights',
      status: 'fail',
      data: { path: file, code: 'WEIGHTS_CORRUPT' },
    })
    expect(damaged?.text).toContain(file)
    expect(damaged?.hint).toBeTruthy()
  })

  test('reports a folder that cannot be made', async () => {
    writeFileSync(workspace.path('file'), '')
    const { code, results } = await check({ ...env, NOBG_MATTES: workspace.path('file', 'mattes') })
    expect(code).toBe(1)
    expect(pick(results, 'mattes-folder')).toMatchObject({
      status: 'fail',
      text: expect.stringContaining(workspace.path('file', 'mattes')),
      hint: expect.stringContaining('--mattes'),
    })
  })

  test('names the holder of a lock', async () => {
    const release = await acquireLock(workspace.path('models', 'portrait.onnx'))
    onTestFinished(() => release())
    const { code, results } = await check(env)
    expect(code).toBe(0)
    expect(pick(results, 'locks')?.data).toEqual({
      locks: [
        {
          path: workspace.path('models', 'portrait.onnx.lock'),
          holder: expect.stringContaining(`process ${process.pid} `),
        },
      ],
    })
  })

  test('shows the variables without keys and passwords', async () => {
    const secrets = { NOBG_REMOTE_KEY: 'abc-123', HTTPS_PROXY: 'http://ada:tiger@127.0.0.1:9' }
    const { stdout } = await workspace.run(['doctor', '--json'], { ...env, ...secrets })
    const { data } = pick(JSON.parse(stdout).checks, 'variables') ?? {}
    expect(data).toMatchObject({ NOBG_REMOTE_KEY: '***', HTTPS_PROXY: 'http://***@127.0.0.1:9' })
    expect(stdout).not.toMatch(/abc-123|tiger/)
  })
})
