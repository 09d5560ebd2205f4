import sharp from 'sharp'
import { expect, test } from 'vitest'
import { listMovable, makeMovable } from '../../src/workers/movable.ts'

/** Sends a result to another thread, and returns what arrives. */
function send(result: unknown): unknown {
  return structuredClone(result, { transfer: listMovable(result) })
}

test('moves an array', async () => {
  const data = Uint8Array.of(1, 2, 3)
  expect(send(await makeMovable({ data, width: 3 }))).toEqual({ data: Uint8Array.of(1, 2, 3), width: 3 })
  expect(data.byteLength).toBe(0)
})

test('copies memory that cannot be transferred, as that of sharp', async () => {
  const data = await sharp(Uint8Array.of(1, 2, 3), { raw: { width: 3, height: 1, channels: 1 } })
    .raw()
    .toBuffer()
  expect(() => send({ data })).toThrow()
  const sent = await makeMovable({ data })
  expect(send(sent)).toEqual({ data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3) })
})

test("copies a part of shared memory, as sharp's WebAssembly build returns it", async () => {
  const data = Buffer.from(new SharedArrayBuffer(64), 8, 3)
  data.set([1, 2, 3])
  const moved = (await makeMovable({ data, format: 'webp' })) as { data: Uint8Array }
  expect(moved.data.buffer.byteLength).toBe(3)
  expect(send(moved)).toEqual({ data: Uint8Array.of(1, 2, 3), format: 'webp' })
  expect([...data]).toEqual([1, 2, 3])
})

test('leaves results without an array alone', async () => {
  expect(send(await makeMovable(undefined))).toBe(undefined)
  expect(send(await makeMovable({ isEmpty: true }))).toEqual({ isEmpty: true })
})
