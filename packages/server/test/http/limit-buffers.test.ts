import { expect, test } from 'vitest'
import { createBuffers } from '../../src/http/limit-buffers.ts'

/** Buffers of 100 bytes with a clock, and a function that holds bytes for a body that arrives. */
function open() {
  let ms = 0
  const buffers = createBuffers(100, () => ms)
  const dropped: string[] = []
  const hold = (name: string, bytes: number, { arrived = 0, isComplete = false } = {}) => {
    let end = () => {}
    const job = new Promise<void>(resolve => {
      end = resolve
    })
    const arrival = {
      countBytes: () => arrived,
      isComplete: () => isComplete,
      drop: () => void dropped.push(name),
    }
    const held = buffers.hold(bytes, () => job, arrival)
    return { held, end }
  }
  const pass = (seconds: number) => {
    ms += 1000 * seconds
  }
  return { hold, dropped, pass, take: (bytes: number) => buffers.hold(bytes, async () => 'taken') }
}

test('a body that does not arrive is dropped if there is no room, after some seconds', async () => {
  const { hold, dropped, pass, take } = open()
  hold('silent', 60)
  pass(9)
  await expect(take(60)).rejects.toMatchObject({ status: 429 })
  pass(2)
  expect(await take(40)).toBe('taken')
  expect(dropped).toEqual([])
  expect(await take(60)).toBe('taken')
  expect(dropped).toEqual(['silent'])
  // Its room is free once.
  hold('next', 60)
  await expect(take(60)).rejects.toMatchObject({ status: 429 })
})

test.each([
  ['arrives quickly', { arrived: 2 ** 20 }],
  ['has arrived', { isComplete: true }],
])('a body that %s stays', async (_, state) => {
  const { hold, dropped, pass, take } = open()
  const { held, end } = hold('good', 60, state)
  pass(15)
  await expect(take(60)).rejects.toMatchObject({ status: 429 })
  end()
  await held
  expect(await take(60)).toBe('taken')
  expect(dropped).toEqual([])
})
