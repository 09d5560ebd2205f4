import { readFile } from 'node:fs/promises'
import type { Remover } from '@nobg/core'
import sharp, { type Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { createNobg } from '../src/index.ts'
import { coffee, openEngine } from './open-engine.ts'

const { remover } = await openEngine()
const model = 'u2netp'
const bytes = await readFile(coffee)
const many = remover.concurrency * 3 + 3

/** nobg with the same remover, and the number of pictures that it processed at a time. */
function countPictures() {
  const count = { now: 0, most: 0 }
  const composeCutout: Remover['composeCutout'] = async (...given) => {
    count.now++
    count.most = Math.max(count.most, count.now)
    try {
      return await remover.composeCutout(...given)
    } finally {
      count.now--
    }
  }
  return { count, ...createNobg({ ...remover, composeCutout }) }
}

const repeat = <Value>(make: (index: number) => Value) => Array.from({ length: many }, (_, i) => make(i))
const askAll = (images: Sharp[]) => Promise.allSettled(images.map(image => image.metadata()))
const ask = (images: Sharp[]) => Promise.all(images.map(image => image.metadata()))

test('limits the number of sharp instances that are decoded at a time', async () => {
  const { nobg, matte, count } = countPictures()
  const open = (i: number) => (i % 2 ? nobg : matte)(sharp(coffee).resize(60 + i), { model })
  const cutouts = await ask(repeat(open))
  expect(cutouts.map(({ width }) => width)).toEqual(repeat(i => 60 + i))
  expect(count.most).toBeLessThanOrEqual(remover.concurrency + 1)
})

test('an instance that waits for another cutout does not block the queue', async () => {
  const { nobg, count } = countPictures()
  const cutouts = await ask(
    repeat(i => nobg(nobg(sharp(coffee).resize(60), { model }).resize(30 + i), { model })),
  )
  expect(cutouts.map(({ width }) => width)).toEqual(repeat(i => 30 + i))
  expect(count.most).toBeLessThanOrEqual(remover.concurrency + 1)
})

test('an instance whose stream has not ended does not block the queue', async () => {
  const { nobg } = countPictures()
  const fed = repeat(() => sharp())
  const waiting = ask(fed.map(image => nobg(image, { model })))
  expect((await nobg(sharp(coffee).resize(60), { model }).metadata()).width).toBe(60)
  for (const image of fed) image.end(bytes)
  expect((await waiting).map(({ width }) => width)).toEqual(repeat(() => 600))
})

test('instances that fail or are aborted leave the queue', async () => {
  const { nobg } = countPictures()
  const controller = new AbortController()
  const { signal } = controller
  const failing = askAll(repeat(() => nobg(sharp(bytes.subarray(0, 20_000)), { model })))
  const aborted = askAll(repeat(() => nobg(sharp(coffee), { model, signal })))
  const whole = nobg(sharp(coffee).resize(60), { model }).metadata()
  controller.abort()
  for (const outcome of await failing) expect(outcome).toMatchObject({ reason: { code: 'CORRUPT_IMAGE' } })
  for (const outcome of await aborted) expect(outcome).toMatchObject({ reason: { code: 'ABORTED' } })
  expect((await whole).width).toBe(60)
})
