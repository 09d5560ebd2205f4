import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { openRecords } from '../../src/queue/records.ts'

const outcome = { status: 200, body: 'x'.repeat(10_000) }

function requestOf(id: string, input: unknown) {
  return { id, app: 'fal-ai/birefnet', input, priority: 'normal', createdAt: 1 } as const
}

test.for([0, 4096])('a full disk keeps records whole (%i bytes are free)', async (freeBytes, context) => {
  const dir = mountSmallDisk(context)
  const damaged: Error[] = []
  const records = await openRecords(dir, { onDamaged: error => void damaged.push(error) })
  await records.create(requestOf('old', 'input'))
  const { input: _, ...request } = requestOf('old', 'input')
  fillDisk(dir, freeBytes)

  await expect(records.create(requestOf('new', 'x'.repeat(10_000)))).rejects.toMatchObject({ code: 'ENOSPC' })
  await expect(records.write({ request, attempts: 1, outcome })).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await records.read('new')).toBeUndefined()
  expect(await records.read('old')).toEqual({ request, input: 'input' })
  expect(await readdir(join(dir, 'generation-1', 'requests'))).toEqual(['old.json'])
  const listed: unknown[] = []
  for await (const stored of records.list()) listed.push(stored)
  expect(listed).toMatchObject([{ request }])
  expect(damaged).toEqual([])
})

test('a process that lost the records writes nothing, and is told so by each call', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-records-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const losses: Error[] = []
  const onDamaged = (error: Error) => expect.unreachable(error.message)
  const first = await openRecords(dir, { onDamaged, onLost: error => void losses.push(error) })
  await first.create(requestOf('one', 'input'))
  await first.start('one')

  const second = await openRecords(dir, { onDamaged })
  const { input: _, ...request } = requestOf('one', 'input')
  const refusal = { name: 'QueueClosedError' }
  await expect(first.write({ request, attempts: 1, outcome })).rejects.toMatchObject(refusal)
  await expect(first.create(requestOf('two', 'input'))).rejects.toMatchObject(refusal)
  await expect(first.start('one')).rejects.toMatchObject(refusal)
  await expect(first.read('one')).rejects.toMatchObject(refusal)
  await first.remove('one')
  expect(losses).toHaveLength(4)

  const listed: unknown[] = []
  for await (const stored of second.list()) listed.push(stored)
  expect(listed).toEqual([{ request, attempts: 1, inputLength: 0 }])
  await second.write({ request, attempts: 1, outcome })
  expect(await second.read('one')).toMatchObject({ outcome })
})
