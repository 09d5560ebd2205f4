import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { environment, inspect, makeDir, openWorkspace, program, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(async () => {
  workspace = openWorkspace()
  workspace.put('cat', 'in/0.jpg')
  // Twelve pictures, so that some are done and others are not when the signal arrives.
  for (let index = 1; index < 12; index++) {
    await sharp(workspace.path('in/0.jpg'))
      .modulate({ brightness: 1 + index / 20 })
      .toFile(workspace.path(`in/${index}.jpg`))
  }
})

describe.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)('%s', signal => {
  test('in the middle of a batch ends it and leaves only whole files', async () => {
    const cacheDir = makeDir()
    const run = execa(process.execPath, [program, 'in', '-o', 'out/', '--json', '--mask'], {
      cwd: workspace.dir,
      env: { ...environment, NOBG_CACHE_DIR: cacheDir },
      reject: false,
    })
    const written: string[] = []
    let stopped = false
    for await (const line of run.iterable()) {
      const event = JSON.parse(line)
      if (event.status === 'written') written.push(event.file, event.mask)
      if (written.length < 4 || stopped) continue
      stopped = run.kill(signal)
    }
    const { exitCode, stderr } = await run
    expect(exitCode).toBe(130)
    expect(stderr).not.toMatch(/ABORTED|Error/)
    const files = workspace.list().filter(file => file.startsWith('out/'))
    expect(files).toEqual(expect.arrayContaining(written))
    expect(files.length).toBeLessThan(24)
    for (const file of files) {
      expect(file).toMatch(/^out\/\d+(-mask)?\.png$/)
      expect(await inspect(workspace.path(file))).toMatchObject({ format: 'png' })
    }
    expect(
      readdirSync(cacheDir, { recursive: true }).filter(file => /tmp.|locks.|\.part/.test(String(file))),
    ).toEqual([])
  })

  test('twice ends it at once', async () => {
    const run = execa(process.execPath, [program, 'in', '-o', 'out/', '--json'], {
      cwd: workspace.dir,
      env: { ...environment, NOBG_CACHE_DIR: makeDir() },
      reject: false,
    })
    await run.iterable().next()
    run.kill(signal)
    await sleep(1)
    run.kill(signal)
    expect((await run).exitCode).toBe(130)
    expect(workspace.list().filter(file => file.endsWith('.part'))).toEqual([])
  })
})
