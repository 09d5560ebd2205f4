import { rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FILLER, fillDisk, mountSmallDisk, PAGE } from '../../../core/test/support/small-disk.ts'
import { key, openServer } from '../support/open-server.ts'

test('a server on a full disk is not ready, refuses with 507, and is ready again when there is space', async context => {
  const dataDir = mountSmallDisk(context)
  await using it = await openServer({ dataDir })
  const call = async (path: string, init?: RequestInit) =>
    (await fetch(it.url + path, { headers: { authorization: `Key ${key}` }, ...init })).status
  const begin = () => call('/rest.fal.ai/storage/upload/initiate', { method: 'POST' })
  const submit = () => call('/queue.fal.run/fal-ai/birefnet', { method: 'POST', body: '{}' })
  expect(await call('/readyz')).toBe(200)

  fillDisk(dataDir)
  expect([await call('/readyz'), await begin(), await submit()]).toEqual([503, 507, 507])
  expect(await (await fetch(`${it.url}/readyz`)).json()).toEqual({
    status: 'not ready',
    detail: 'The disk is full.',
  })
  rmSync(join(dataDir, FILLER))
  fillDisk(dataDir, 2 * PAGE)
  expect(await call('/readyz')).toBe(503)

  rmSync(join(dataDir, FILLER))
  const ready = await Promise.all(Array.from({ length: 20 }, () => call('/readyz')))
  expect(new Set(ready)).toEqual(new Set([200]))
  expect(await begin()).toBe(200)
  expect(await readdir(dataDir)).not.toContain('disk-probe')
})
