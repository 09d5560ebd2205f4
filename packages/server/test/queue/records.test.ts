import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { openRecords } from '../../src/queue/records.ts'

const outcome = { status: 200, body: 'x'.repeat(10_000) }

function requestOf(id: string, input: unknown) {
  return { id, app: 'fal-ai/birefnet', input, priority: 'normal', createdAt: 1 } as const
}

test.for([0, 4096])('a full disk keeps records whole (%i bytes are free)', async (freeBytes, context) => {
  const dir = mountSmallDisk(context)
  const damaged: Error[] = []
  const records = await openRecords(dir, error => void damaged.push(error))
  await records.create(requestOf('old', 'input'))
  const { input: _, ...request } = requestOf('old', 'input')
  fillDisk(dir, freeBytes)

  await expect(records.create(requestOf('new', 'x'.repeat(10_000)))).rejects.toMatchObject({ code: 'ENOSPC' })
  await expect(records.write({ request, attempts: 1, outcome })).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await records.read('new')).toBeUndefined()
  expect(await records.read('old')).toEqual({ request, input: 'input' })
  expect(await readdir(join(dir, 'requests'))).toEqual(['old.json'])
  const listed: unknown[] = []
  for await (const stored of records.list()) listed.push(stored)
  expect(listed).toMatchObject([{ request }])
  expect(damaged).toEqual([])
})
