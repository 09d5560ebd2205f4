import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'nobg-many-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const core = pathToFileURL(join(import.meta.dirname, '../src/index.ts')).href

/** Creates files without data on the disk. @returns their paths */
function makeFiles(name: string, count: number, byteLength: number): string[] {
  const folder = join(dir, name)
  mkdirSync(folder)
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${index}.jpg`)
    writeFileSync(path, `${index}`)
    truncateSync(path, byteLength)
    return path
  })
}

/** Runs a script in a process that may open `descriptors` files. The script logs its last expression as JSON. */
function runWith(descriptors: number, script: string): unknown {
  const body = `import { createRemover } from ${JSON.stringify(core)}
    const remover = createRemover({ cacheDir: ${JSON.stringify(join(dir, 'cache'))}, logger: { info() {}, warn() {} } })
    ${script}`
  const command = `ulimit -n ${descriptors} && exec "$0" --input-type=module --eval "$1"`
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, body], {
    encoding: 'utf8',
    env,
  })
  if (!stdout) throw new Error(stderr)
  return JSON.parse(stdout)
}

const planAll = (paths: string[]) => `
  const outcomes = await Promise.allSettled(${JSON.stringify(paths)}.map(path => remover.plan(path, { model: 'u2netp' })))
  const failed = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => String(reason))`

test.skipIf(process.platform === 'win32')('plans more files at once than the process may open', () => {
  const paths = makeFiles('descriptors', 400, 100)
  const script = `${planAll(paths)}
    console.log(JSON.stringify({ failed, digests: new Set(outcomes.map(({ value }) => value?.source.digest)).size }))`
  expect(runWith(64, script)).toEqual({ failed: [], digests: 400 })
})

test.skipIf(process.platform === 'win32')('waits while other code uses all file descriptors', () => {
  const [path] = makeFiles('starved', 1, 100)
  const script = `
    const { closeSync, openSync } = await import('node:fs')
    await remover.plan(${JSON.stringify(path)}, { model: 'u2netp' })
    const held = []
    try { for (;;) held.push(openSync(${JSON.stringify(path)})) } catch {}
    setTimeout(() => held.forEach(closeSync), 500)
    ${planAll([path])}
    console.log(JSON.stringify({ failed, wasStarved: held.length > 0 }))`
  expect(runWith(64, script)).toEqual({ failed: [], wasStarved: true })
})

test.skipIf(process.platform === 'win32')('memory does not grow with the number of planned files', () => {
  const megabytes = 3
  const paths = makeFiles('memory', 150, megabytes * 2 ** 20)
  const script = `
    const before = process.resourceUsage().maxRSS
    ${planAll(paths)}
    console.log(JSON.stringify({ failed, grownMb: (process.resourceUsage().maxRSS - before) / 1024 }))`
  const { failed, grownMb } = runWith(1024, script) as { failed: string[]; grownMb: number }
  expect(failed).toEqual([])
  expect(grownMb).toBeLessThan((150 * megabytes) / 3)
})

test.skipIf(process.platform === 'win32')(
  'finds more cutouts in the cache at once than the process may open files',
  () => {
    const script = `
    const { fileStore } = await import(${JSON.stringify(core)})
    const store = fileStore({ dir: ${JSON.stringify(join(dir, 'cache'))} })
    store.namespace = 'cutouts'
    ${planAll(makeFiles('cached', 200, 100))}
    const plans = outcomes.map(({ value }) => value)
    const meta = { width: 1, height: 1, format: 'png', contentType: 'image/png', ms: 5 }
    await Promise.all(plans.map(({ key, fileName }) => store.set(key, { value: { bytes: new Uint8Array(100), fileName, meta } })))
    const found = await Promise.all(plans.map(plan => remover.ensure(plan)))
    console.log(JSON.stringify(found.filter(({ cached, file }, index) => cached && file === plans[index].file).length))`
    expect(runWith(64, script)).toBe(200)
  },
)
