import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRescueFolder } from '../../src/cache/rescue-folder.ts'
import { startScript } from '../support/script.ts'

let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'nobg-rescue-'))
})
afterEach(() => rmSync(temporary, { recursive: true, force: true }))

const entry = { bytes: Uint8Array.of(1, 2, 3), fileName: 'ada-1a2b3c4d.png', meta: {} }

test('writes equal entries once, and removes all files', async () => {
  const folder = createRescueFolder()
  const [path, again, other] = await Promise.all([
    folder.place('key', entry),
    folder.place('key', entry),
    folder.place('other', entry),
  ])
  expect([...readFileSync(path)]).toEqual([1, 2, 3])
  expect(again).toBe(path)
  expect(other).not.toBe(path)
  await folder.remove()
  expect([path, other].filter(existsSync)).toEqual([])
  const later = await folder.place('key', entry)
  expect(existsSync(later)).toBe(true)
  await folder.remove()
})

const module = JSON.stringify(
  pathToFileURL(join(import.meta.dirname, '../../src/cache/rescue-folder.ts')).href,
)
const script = `
  import { createRescueFolder } from ${module}
  const place = () => createRescueFolder().place('key', { bytes: Uint8Array.of(1), fileName: 'a.png', meta: {} })
  console.log(await place())`

test.each([
  ['at the end of the process', '', undefined],
  ['when the process exits', 'process.exit(3)', undefined],
  ['when a signal ends the process', 'setInterval(() => {}, 1000)', 'SIGTERM' as const],
])('removes its files %s', async (_, ending, signal) => {
  const child = startScript(`${script}\n${ending}`, { TMPDIR: temporary, TEMP: temporary, TMP: temporary })
  const path = await child.readLine()
  expect(path).toContain(temporary)
  if (signal) child.process.kill(signal)
  await child.ended
  expect(readdirSync(temporary)).toEqual([])
})
