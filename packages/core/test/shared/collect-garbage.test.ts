import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const source = import.meta.resolve('../../src/shared/collect-garbage.ts')

/**
 * Runs code in a process that collects garbage when it is idle. `makeGarbage` makes some, and `full` is the number of
 * collections of the whole heap, without the ones that V8 schedules after the start.
 *
 * @returns what the code prints
 */
async function run(code: string): Promise<string> {
  const script = `
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { setTimeout as wait } from 'node:timers/promises'
    import { collectRegularly } from '${source}'

    let full = 0
    const count = list => {
      for (const { detail } of list.getEntries())
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && detail.flags === 0) full++
    }
    new PerformanceObserver(count).observe({ entryTypes: ['gc'] })
    const makeGarbage = megabytes => { for (let i = 0; i < megabytes; i++) new Uint8Array(1e6) }
    const external = () => process.memoryUsage().external
    collectRegularly()
    ${code}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return stdout.trim()
}

test('an idle process collects its garbage, once', async () => {
  const printed = await run(`
    const before = external()
    makeGarbage(20)
    while (external() > before + 1e6) await wait(100)
    await wait(100)
    const first = full
    await wait(3000)
    console.log(first > 0, full - first)`)
  expect(printed).toBe('true 0')
})

test('an idle process without garbage is left alone', async () => {
  expect(await run('await wait(3000); console.log(full)')).toBe('0')
})

/** Is busy for half of the time, and keeps buffers in `held`. Needs a number of milliseconds. */
const work = `
  let held = []
  const work = async ms => {
    const end = Date.now() + ms
    while (Date.now() < end) {
      const pause = Date.now() + 5
      while (Date.now() < pause);
      await wait(5)
    }
  }
  const hold = megabytes => { held = Array.from({ length: megabytes }, () => new Uint8Array(1e6)) }`

test.each([
  ['a little garbage', 10, false],
  ['much garbage', 50, true],
])('a busy process with %s', async (_, megabytes, isCollected) => {
  const printed = await run(`${work}
    hold(${megabytes})
    await work(500)
    held = []
    await work(2500)
    console.log(full > 0)`)
  expect(printed).toBe(String(isCollected))
})

test('what a busy process needed is collected once it is idle', async () => {
  const printed = await run(`${work}
    const before = external()
    hold(50)
    await work(1500)
    const first = full
    held = []
    while (external() > before + 1e6) await wait(100)
    console.log(first > 0)`)
  expect(printed).toBe('true')
})

test('it does not keep the process alive', async () => {
  expect(await run("console.log('done')")).toBe('done')
})
