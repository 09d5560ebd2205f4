import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startScript } from '../support/script.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-lazy-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Writes the URL of each loaded module into a file. */
const hooks = `
  import { appendFileSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      appendFileSync(process.env.LOADED_MODULES, url + '\\n')
      return next(url, context)
    },
  })`

const core = pathToFileURL(join(import.meta.dirname, '../../src/index.ts')).href
const photograph = join(import.meta.dirname, '../../../../examples/vite/src/photos/chelsea.png')

test('a picture and its processes load neither the optimizer nor an HTTP client', async () => {
  const log = join(dir, 'modules.txt')
  const script = startScript(
    `${hooks}
    process.env.NODE_OPTIONS = ${JSON.stringify(`--import data:text/javascript,${encodeURIComponent(hooks)}`)}
    const { createRemover } = await import(${JSON.stringify(core)})
    const remover = createRemover({ cacheDir: ${JSON.stringify(dir)}, download: false })
    const { data } = await remover.removeBackground(${JSON.stringify(photograph)}, { model: 'u2netp' })
    console.log(data.length > 0)
    process.exit()`,
    { LOADED_MODULES: log },
  )
  expect(await script.readLine()).toBe('true')
  await script.ended
  const loaded = await readFile(log, 'utf8')
  // From the main process and from the model's process.
  expect(loaded).toContain('remover')
  expect(loaded).toContain('inference.worker')
  expect(loaded).not.toMatch(/onnx-optimizer|\/undici\//)
})
